//! The schemas of each endpoint, merged from the root fields of all folders.

mod type_changes;

use std::sync::LazyLock;

use async_graphql::{
    EmptyMutation, EmptySubscription, MergedObject, MergedSubscription, OutputType, SDLExportOptions,
    SchemaBuilder, SubscriptionType, ValidationMode, registry::Registry,
};
use clap::ValueEnum;
use registry::attribution::Attribution;

use self::type_changes::{Directives, ScopedFields};

use crate::graphql::{
    authority::{self, AuthorityQuery},
    client::{self, ClientMutation, ClientQuery},
    coverage::{self, CoverageQuery},
    federation::{self, FederationQuery, Service},
    field_source::{self, FieldSourceMutation},
    group,
    history::{self, ChangeQuery, ChangeSubscription},
    institution::{self, InstitutionQuery},
    introspection,
    kit::{self, field_policy::TypePolicy},
    mark::{self, MarkMutation, MarkQuery},
    node::{self, NodeQuery},
    organization::{self, OrganizationQuery},
    page::{self, PageMutation, PageQuery},
    platform::{self, PlatformQuery},
    platform_report::{self, PlatformReportMutation},
    proposal::{self, ProposalMutation, ProposalQuery},
    rate_limit::{self, RateQuery},
    rating::{self, RatingMutation, RatingQuery},
    registry_info::{self, RegistryInfoQuery},
    registry_statistics::{self, RegistryStatisticsQuery},
    search::{self, RegistrySearchQuery, SearchQuery},
    statistics::{self, JumpQuery, StatisticsMutation, StatisticsQuery},
    territory::{self, TerritoryQuery},
    verification::{self, VerificationQuery},
    viewer::{self, ViewerQuery},
};

/// Interface that implements [`NODE`].
const ORGANIZATION: &str = "Organization";
/// Interface of all objects with a global id.
const NODE: &str = "Node";

/// Root query fields that every schema has.
#[derive(MergedObject, Default)]
pub struct Reads(
    AuthorityQuery,
    InstitutionQuery,
    OrganizationQuery,
    PageQuery,
    PlatformQuery,
    TerritoryQuery,
    VerificationQuery,
    CoverageQuery,
    RegistryStatisticsQuery,
    ChangeQuery,
    StatisticsQuery,
    JumpQuery,
    RatingQuery,
    RegistryInfoQuery,
);

/// Root query fields that many graphs have. In a supergraph they would mean something else: any object, any text, the
/// client of the router.
#[derive(MergedObject, Default)]
pub struct ClientReads(NodeQuery, SearchQuery, RateQuery, ViewerQuery);

/// Root query fields for routers.
#[derive(MergedObject, Default)]
pub struct RouterReads(RegistrySearchQuery, FederationQuery);

/// Root query fields that need a key with a scope; introspection shows them to clients with it.
#[derive(MergedObject, Default)]
pub struct ScopedReads(ClientQuery, MarkQuery, ProposalQuery);

/// Reads of the registry.
#[derive(MergedObject, Default)]
pub struct Query(ClientReads, Reads);

/// Reads of the registry.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct PrivateQuery(ClientReads, Reads, ScopedReads);

/// Reads of the registry.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct SubgraphQuery(Reads, RouterReads);

/// Root query fields of all schemas together: no schema has them all.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct AllReads(ClientReads, Reads, ScopedReads, RouterReads);

/// Writes to the registry; each needs a key with its scope.
#[derive(MergedObject, Default)]
pub struct Mutation(
    StatisticsMutation,
    RatingMutation,
    PageMutation,
    MarkMutation,
    PlatformReportMutation,
    FieldSourceMutation,
    ProposalMutation,
    ClientMutation,
);

/// Subscriptions for clients with a key.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ChangeSubscription);

/// Schema of the API for clients with a key.
pub type PrivateSchema = async_graphql::Schema<PrivateQuery, Mutation, Subscription>;
/// Schema of the public API.
pub type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;
/// Schema of the federation subgraph.
pub type SubgraphSchema = async_graphql::Schema<SubgraphQuery, EmptyMutation, EmptySubscription>;

/// Builds the schema of the public API.
pub fn build(mode: ValidationMode, attribution: &Attribution) -> Schema {
    let builder = Schema::build(Query::default(), EmptyMutation, EmptySubscription);
    set_up(builder, mode, attribution).finish()
}

/// Builds the schema of the API for clients with a key.
pub fn build_private(mode: ValidationMode, attribution: &Attribution) -> PrivateSchema {
    let builder = PrivateSchema::build(PrivateQuery::default(), Mutation::default(), Subscription::default());
    set_up(builder.register_output_type::<ScopedFields>(), mode, attribution).finish()
}

/// Builds the schema of the federation subgraph.
pub fn build_subgraph(mode: ValidationMode, attribution: &Attribution) -> SubgraphSchema {
    let builder = SubgraphSchema::build(SubgraphQuery::default(), EmptyMutation, EmptySubscription);
    let builder = builder.data(Service(Contract::Subgraph.sdl()));
    set_up(builder, mode, attribution).finish()
}

/// Types of all schemas.
pub fn types() -> Registry {
    let mut types = Registry::default();
    AllReads::create_type_info(&mut types);
    Mutation::create_type_info(&mut types);
    <Subscription as SubscriptionType>::create_type_info(&mut types);
    types
}

/// Cost and dependencies of each field of all schemas, as its folder declares them.
pub fn policies() -> impl Iterator<Item = &'static TypePolicy> {
    let nouns = [
        authority::POLICIES,
        client::POLICIES,
        coverage::POLICIES,
        federation::POLICIES,
        field_source::POLICIES,
        group::POLICIES,
        history::POLICIES,
        institution::POLICIES,
        introspection::POLICIES,
        kit::policy::POLICIES,
        mark::POLICIES,
        node::POLICIES,
        organization::POLICIES,
        page::POLICIES,
        platform::POLICIES,
        platform_report::POLICIES,
        proposal::POLICIES,
        rate_limit::POLICIES,
        rating::POLICIES,
        registry_info::POLICIES,
        registry_statistics::POLICIES,
        search::POLICIES,
        statistics::POLICIES,
        territory::POLICIES,
        verification::POLICIES,
        viewer::POLICIES,
    ];
    nouns.into_iter().flatten()
}

/// Settings of all schemas: suggestions of similar names are added afterwards, for few errors and short names. Limits are
/// checked before async-graphql runs.
fn set_up<Q, M, S>(
    builder: SchemaBuilder<Q, M, S>,
    mode: ValidationMode,
    attribution: &Attribution,
) -> SchemaBuilder<Q, M, S> {
    builder.disable_suggestions().validation_mode(mode).data(attribution.clone())
}

/// Schema that one kind of client builds on; each is stored in a file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Contract {
    /// Schema of `/public/graphql`, which only reads
    Public,
    /// Schema of `/graphql`, for clients with a key
    Partner,
    /// Schema of `/subgraph`, for federation routers
    Subgraph,
}

impl Contract {
    /// The schema in the schema definition language, with the definitions of all directives that it uses.
    pub fn sdl(self) -> &'static str {
        static PUBLIC: LazyLock<String> = LazyLock::new(|| {
            let schema = build(ValidationMode::Strict, &Attribution::default());
            implementing(&schema.sdl_with_options(print_options()))
        });
        static PARTNER: LazyLock<String> = LazyLock::new(|| {
            let schema = build_private(ValidationMode::Strict, &Attribution::default());
            implementing(&schema.sdl_with_options(print_options()))
        });
        static SUBGRAPH: LazyLock<String> = LazyLock::new(subgraph_sdl);
        match self {
            Self::Public => &PUBLIC,
            Self::Partner => &PARTNER,
            Self::Subgraph => &SUBGRAPH,
        }
    }

    /// Types of the schema, without those of introspection, and the interfaces that they implement.
    pub fn types(self) -> Registry {
        let is_partner = matches!(self, Self::Partner);
        let mut types = Registry {
            query_type: Query::type_name().into_owned(),
            mutation_type: is_partner.then(|| Mutation::type_name().into_owned()),
            subscription_type: is_partner
                .then(|| <Subscription as SubscriptionType>::type_name().into_owned()),
            ..Registry::default()
        };
        match self {
            Self::Public => {
                Query::create_type_info(&mut types);
            }
            Self::Partner => {
                PrivateQuery::create_type_info(&mut types);
                Mutation::create_type_info(&mut types);
                <Subscription as SubscriptionType>::create_type_info(&mut types);
            }
            Self::Subgraph => {
                SubgraphQuery::create_type_info(&mut types);
            }
        }
        types.add_implements(ORGANIZATION, NODE);
        // The parts that the root types are merged from.
        types.remove_unused_types();
        types
    }
}

/// Options with which all schemas are printed.
fn print_options() -> SDLExportOptions {
    SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions()
}

/// The schema of the subgraph with our own link to federation: that of the library is a schema extension, which not all
/// parsers read, and uses directives without defining them.
fn subgraph_sdl() -> String {
    let schema = SubgraphSchema::build(SubgraphQuery::default(), EmptyMutation, EmptySubscription);
    let schema = schema.register_output_type::<Directives>().enable_federation().finish();
    let sdl = schema.sdl_with_options(print_options().federation());
    let types = sdl.rsplit_once("extend schema @link(").map_or(sdl.as_str(), |(types, _)| types);
    format!("{}{}", implementing(types), include_str!("../federation/link.graphql"))
}

/// A printed schema in which the interface of organizations implements that of all objects with an id. The library would print
/// it after the directives of the interface, which is not the order of the language.
fn implementing(sdl: &str) -> String {
    let (bare, implementing) =
        (format!("\ninterface {ORGANIZATION} "), format!("\ninterface {ORGANIZATION} implements {NODE} "));
    sdl.replacen(&bare, &implementing, 1)
}
