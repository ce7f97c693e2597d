//! Relay `Node`: all objects with a global id.

use async_graphql::{Context, ContextSelectionSet, ID, Interface, Object};
use entities::{change::SubjectType, organization::Kind};
use registry::{global_id, view::View};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};
use crate::graphql::{
    authority::Authority,
    error::Result,
    institution::Institution,
    kit::{
        context::Pinned,
        scalar::DateTime,
        sequential::{ResolveFuture, ResolveSequentially, SequentialObject},
    },
    page::Page,
    platform::Platform,
    territory::Territory,
};
use registry::snapshot::Kinds;

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("node", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("_entities", Kinds::REGISTRY).items(Items::Argument("representations")),
    ]),
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
    /// Object with this global id; null if there is none.
    async fn node<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Global id of the object.")] id: ID,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<Option<SequentialObject<Node<'a>>>> {
        Ok(find(ctx.view_at(as_of)?, &id).map(SequentialObject))
    }
}

fn find<'a>(view: &'a View, global: &str) -> Option<Node<'a>> {
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
    authority(view, key).map(Node::Authority).or_else(|| institution(view, key).map(Node::Institution))
}

fn authority(view: &View, key: i64) -> Option<Authority<'_>> {
    view.organization(key).filter(|found| found.kind == Kind::Authority).map(Authority::from)
}

fn institution(view: &View, key: i64) -> Option<Institution<'_>> {
    view.organization(key).filter(|found| found.kind == Kind::Institution).map(Institution::from)
}

/// Entity resolvers by key for federation routers; an unknown key gives null.
#[derive(Default)]
pub struct EntityQuery;

#[Object]
impl EntityQuery {
    #[graphql(entity)]
    async fn authority_by_id<'a>(
        &self,
        ctx: &Context<'a>,
        id: ID,
    ) -> Option<SequentialObject<Authority<'a>>> {
        authority(ctx.view(), global_id::key("Organization", &id)?).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn authority_by_code<'a>(
        &self,
        ctx: &Context<'a>,
        code: String,
    ) -> Option<SequentialObject<Authority<'a>>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Authority).then(|| SequentialObject(found.into()))
    }

    #[graphql(entity)]
    async fn institution_by_id<'a>(
        &self,
        ctx: &Context<'a>,
        id: ID,
    ) -> Option<SequentialObject<Institution<'a>>> {
        institution(ctx.view(), global_id::key("Organization", &id)?).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn institution_by_code<'a>(
        &self,
        ctx: &Context<'a>,
        code: String,
    ) -> Option<SequentialObject<Institution<'a>>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Institution).then(|| SequentialObject(found.into()))
    }

    #[graphql(entity)]
    async fn page_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<SequentialObject<Page<'a>>> {
        ctx.view().page(global_id::key("Page", &id)?).map(Page).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn page_by_native_id<'a>(
        &self,
        ctx: &Context<'a>,
        platform_code: String,
        native_id: String,
    ) -> Option<SequentialObject<Page<'a>>> {
        let platform = ctx.view().platform_by_code(&platform_code)?;
        ctx.view().page_by_native_id(platform.id, &native_id).map(Page).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn platform_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<SequentialObject<Platform<'a>>> {
        ctx.view().platform(global_id::key("Platform", &id)?).map(Platform).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn platform_by_code<'a>(
        &self,
        ctx: &Context<'a>,
        code: String,
    ) -> Option<SequentialObject<Platform<'a>>> {
        ctx.view().platform_by_code(&code).map(Platform).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn territory_by_id<'a>(
        &self,
        ctx: &Context<'a>,
        id: ID,
    ) -> Option<SequentialObject<Territory<'a>>> {
        ctx.view().territory(global_id::key("Territory", &id)?).map(Territory).map(SequentialObject)
    }

    #[graphql(entity)]
    async fn territory_by_code<'a>(
        &self,
        ctx: &Context<'a>,
        code: String,
    ) -> Option<SequentialObject<Territory<'a>>> {
        ctx.view().territory_by_code(&code).map(Territory).map(SequentialObject)
    }
}
