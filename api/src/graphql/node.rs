//! Relay `Node`: all objects with a global id.

use async_graphql::{Context, ContextSelectionSet, ID, Interface, Object};
use entities::{change::SubjectType, organization::Kind};
use registry::{
    global_id,
    view::{OrganizationView, View},
};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};
use crate::graphql::{
    authority::Authority,
    error::Result,
    institution::Institution,
    kit::{
        context::Pinned,
        keys::check_keys,
        scalar::DateTime,
        sequential::{ResolveFuture, ResolveSequentially, SequentialList, SequentialObject},
    },
    page::Page,
    platform::Platform,
    territory::Territory,
};
use registry::snapshot::Kinds;

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["node"]).and(&[FieldPolicy::new("nodes", Kinds::REGISTRY)
        .arguments(&[ArgumentCost::of_each("asOf", 200)])
        .items(Items::Argument("ids"))]),
    TypePolicy::new("Node", Kinds::REGISTRY, &["id"]),
];

/// Object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id of the object."))]
pub enum Node<'a> {
    /// State or local government body.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Official page of an organization on one platform.
    Page(Page<'a>),
    /// Social platform that hosts pages.
    Platform(Platform<'a>),
    /// Country, district, region, municipality or settlement.
    Territory(Territory<'a>),
}

impl ResolveSequentially for Node<'_> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Self::Authority(authority) => authority.resolve_sequentially(ctx),
            Self::Institution(institution) => institution.resolve_sequentially(ctx),
            Self::Page(page) => page.resolve_sequentially(ctx),
            Self::Platform(platform) => platform.resolve_sequentially(ctx),
            Self::Territory(territory) => territory.resolve_sequentially(ctx),
        }
    }
}

/// Root field `node`.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    // No other argument: Relay refetches only by a field that has exactly this one.
    /// Object with this global id; null if there is none.
    async fn node<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Global id of the object.")] id: ID,
    ) -> Option<SequentialObject<Node<'a>>> {
        find(ctx.view(), &id).map(SequentialObject)
    }

    /// Objects with these global ids, in the order of `ids`; null in place of an id that no object has.
    async fn nodes<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Global ids of the objects, from 1 to 100.")] ids: Vec<ID>,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<SequentialList<Option<Node<'a>>>> {
        check_keys("ids", &ids)?;
        let view = ctx.view_at(as_of)?;
        Ok(SequentialList(ids.iter().map(|id| find(view, id)).collect()))
    }
}

/// Node with a global id, if the viewer may see it.
pub fn find<'a>(view: &'a View, global: &str) -> Option<Node<'a>> {
    let (kind, key) = global_id::decode(global)?;
    match kind.as_str() {
        "Organization" => organization(view, key),
        "Page" => view.page(key).map(Page).map(Node::Page),
        "Platform" => view.platform(key).map(Platform).map(Node::Platform),
        "Territory" => view.territory(key).map(Territory).map(Node::Territory),
        _ => None,
    }
}

/// Node of a change's subject; `None` if its type is not a node or the viewer may not see it.
pub fn of(view: &View, subject: SubjectType, id: i64) -> Option<Node<'_>> {
    match subject {
        SubjectType::Organization => organization(view, id),
        SubjectType::Page => view.page(id).map(Page).map(Node::Page),
        SubjectType::Platform => view.platform(id).map(Platform).map(Node::Platform),
        SubjectType::Territory => view.territory(id).map(Territory).map(Node::Territory),
        _ => None,
    }
}

fn organization(view: &View, key: i64) -> Option<Node<'_>> {
    view.organization(key).map(of_organization)
}

/// Node of an organization.
pub fn of_organization(organization: OrganizationView<'_>) -> Node<'_> {
    match organization.kind {
        Kind::Authority => Node::Authority(organization.into()),
        Kind::Institution => Node::Institution(organization.into()),
    }
}
