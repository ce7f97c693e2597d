//! The schemas of each endpoint, merged from the root fields of all folders.

use std::sync::LazyLock;

use async_graphql::{
    EmptyMutation, EmptySubscription, MergedObject, MergedSubscription, ObjectType, OutputType,
    SDLExportOptions, SchemaBuilder, SubscriptionType, ValidationMode, registry::Registry,
};
use registry::attribution::Attribution;

use crate::graphql::{
    authority::{self, AuthorityQuery},
    coverage::{self, CoverageQuery},
    federation::{self, EntityKeys, FederationQuery, Service},
    group,
    history::{self, ChangeQuery, ChangeSubscription},
    institution::{self, InstitutionQuery},
    introspection,
    kit::{self, field_policy::TypePolicy},
    node::{self, NodeQuery},
    organization::{self, OrganizationQuery},
    page::{self, PageQuery},
    platform::{self, PlatformQuery},
    rate_limit::{self, RateQuery},
    rating::{self, RatingMutation, RatingQuery},
    registry_info::{self, RegistryInfoQuery},
    registry_statistics::{self, RegistryStatisticsQuery},
    search::{self, SearchQuery},
    statistics::{self, JumpQuery, StatisticsMutation, StatisticsQuery},
    territory::{self, TerritoryQuery},
    verification::{self, VerificationQuery},
    viewer::{self, ViewerQuery},
};

/// Root query fields of all folders.
#[derive(MergedObject, Default)]
pub struct Reads(
    NodeQuery,
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
    SearchQuery,
    StatisticsQuery,
    JumpQuery,
    RatingQuery,
    RateQuery,
    ViewerQuery,
    RegistryInfoQuery,
);

/// Reads of the registry.
#[derive(MergedObject, Default)]
pub struct Query(Reads);

/// Reads of the registry.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct SubgraphQuery(Reads, FederationQuery);

/// Writes to the registry; each needs a key with its scope.
#[derive(MergedObject, Default)]
pub struct Mutation(StatisticsMutation, RatingMutation);

/// Subscriptions for clients with a key.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ChangeSubscription);

/// Schema of the API for clients with a key.
pub type PrivateSchema = async_graphql::Schema<Query, Mutation, Subscription>;
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
    let builder = PrivateSchema::build(Query::default(), Mutation::default(), Subscription::default());
    set_up(builder, mode, attribution).finish()
}

/// Builds the schema of the federation subgraph.
pub fn build_subgraph(mode: ValidationMode, attribution: &Attribution) -> SubgraphSchema {
    let builder = SubgraphSchema::build(SubgraphQuery::default(), EmptyMutation, EmptySubscription);
    let builder = builder.data(Service(subgraph_sdl()));
    set_up(builder, mode, attribution).finish()
}

/// Types of all schemas.
pub fn types() -> Registry {
    let mut types = Registry::default();
    SubgraphQuery::create_type_info(&mut types);
    Mutation::create_type_info(&mut types);
    <Subscription as SubscriptionType>::create_type_info(&mut types);
    types
}

/// Cost and dependencies of each field of all schemas, as its folder declares them.
pub fn policies() -> impl Iterator<Item = &'static TypePolicy> {
    let nouns = [
        authority::POLICIES,
        coverage::POLICIES,
        federation::POLICIES,
        group::POLICIES,
        history::POLICIES,
        institution::POLICIES,
        introspection::POLICIES,
        kit::policy::POLICIES,
        node::POLICIES,
        organization::POLICIES,
        page::POLICIES,
        platform::POLICIES,
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

/// Settings of all schemas: no suggestions of similar field names. Limits are checked before async-graphql runs.
fn set_up<Q, M, S>(
    builder: SchemaBuilder<Q, M, S>,
    mode: ValidationMode,
    attribution: &Attribution,
) -> SchemaBuilder<Q, M, S> {
    builder.disable_suggestions().validation_mode(mode).data(attribution.clone())
}

/// SDL of all schemas together, as stored in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().federation().prefer_single_line_descriptions();
    type Whole = async_graphql::Schema<SubgraphQuery, Mutation, Subscription>;
    let whole = Whole::build(SubgraphQuery::default(), Mutation::default(), Subscription::default());
    printed(whole.enable_subscription_in_federation(), options)
}

/// SDL of the federation subgraph, as routers read it.
fn subgraph_sdl() -> &'static str {
    static SDL: LazyLock<String> = LazyLock::new(|| {
        let subgraph = SubgraphSchema::build(SubgraphQuery::default(), EmptyMutation, EmptySubscription);
        printed(subgraph, SDLExportOptions::new().federation().compose_directive())
    });
    &SDL
}

/// SDL of a schema, with the keys of all entities.
fn printed<M: ObjectType + 'static, S: SubscriptionType + 'static>(
    schema: SchemaBuilder<SubgraphQuery, M, S>,
    options: SDLExportOptions,
) -> String {
    schema.register_output_type::<EntityKeys>().enable_federation().finish().sdl_with_options(options)
}
