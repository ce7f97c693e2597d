//! Joint: everything that has a global id.

use async_graphql::{Context, ContextSelectionSet, ID, Interface, Object};
use entities::{change::SubjectType, organization::Kind};
use registry::{global_id, view::View};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};
use crate::graphql::{
    authority::Authority,
    error::Result,
    history::plain_id,
    institution::Institution,
    kit::{
        context::Pinned,
        id,
        scalar::DateTime,
        sequential::{Answer, InTurn, Ready},
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
    /// Body of state or local power.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Official page of an organization on one platform.
    Page(Page<'a>),
    /// Social platform on which pages are kept.
    Platform(Platform<'a>),
    /// Country, district, region, municipality or settlement.
    Territory(Territory<'a>),
}

impl InTurn for Node<'_> {
    fn in_turn<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> Answer<'a> {
        match self {
            Self::Authority(authority) => authority.in_turn(ctx),
            Self::Institution(institution) => institution.in_turn(ctx),
            Self::Page(page) => page.in_turn(ctx),
            Self::Platform(platform) => platform.in_turn(ctx),
            Self::Territory(territory) => territory.in_turn(ctx),
        }
    }
}

/// Root field over all kinds of objects.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Object with this global id; null where there is none.
    async fn node<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Global id of the object.")] id: ID,
        #[graphql(
            desc = "Moment of the past to answer for, as the registry stood then; null for the present."
        )]
        as_of: Option<DateTime>,
    ) -> Result<Option<Ready<Node<'a>>>> {
        Ok(find(ctx.view_at(as_of)?, &id).map(Ready))
    }
}

fn find<'a>(view: &'a View, global: &str) -> Option<Node<'a>> {
    let (kind, key) = global_id::decode(global)?;
    match kind.as_str() {
        "Authority" => authority(view, key).map(Node::Authority),
        "Institution" => institution(view, key).map(Node::Institution),
        "Page" => view.page(key).map(Page).map(Node::Page),
        "Platform" => view.platform(key).map(Platform).map(Node::Platform),
        "Territory" => view.territory(key).map(Territory).map(Node::Territory),
        _ => None,
    }
}

/// Object of a change's subject, if it has one that the viewer may see.
pub fn of(view: &View, subject: SubjectType, id: i64) -> Option<Node<'_>> {
    match subject {
        SubjectType::Organization => {
            authority(view, id).map(Node::Authority).or_else(|| institution(view, id).map(Node::Institution))
        }
        SubjectType::Page => view.page(id).map(Page).map(Node::Page),
        SubjectType::Platform => view.platform(id).map(Platform).map(Node::Platform),
        SubjectType::Territory => view.territory(id).map(Territory).map(Node::Territory),
        _ => None,
    }
}

/// Global id of a change's subject, whether or not it is still to be seen.
pub fn global_id(view: &View, subject: SubjectType, id: i64) -> ID {
    match subject {
        SubjectType::Organization => id::global(view.kind_of_organization(id), id),
        other => plain_id(other, id),
    }
}

fn authority(view: &View, key: i64) -> Option<Authority<'_>> {
    view.organization(key).filter(|found| found.kind == Kind::Authority).map(Authority::from)
}

fn institution(view: &View, key: i64) -> Option<Institution<'_>> {
    view.organization(key).filter(|found| found.kind == Kind::Institution).map(Institution::from)
}

/// Look-ups by key for federation routers: unknown keys answer null.
#[derive(Default)]
pub struct EntityQuery;

#[Object]
impl EntityQuery {
    #[graphql(entity)]
    async fn authority_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<Ready<Authority<'a>>> {
        authority(ctx.view(), global_id::key("Authority", &id)?).map(Ready)
    }

    #[graphql(entity)]
    async fn authority_by_code<'a>(&self, ctx: &Context<'a>, code: String) -> Option<Ready<Authority<'a>>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Authority).then(|| Ready(found.into()))
    }

    #[graphql(entity)]
    async fn institution_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<Ready<Institution<'a>>> {
        institution(ctx.view(), global_id::key("Institution", &id)?).map(Ready)
    }

    #[graphql(entity)]
    async fn institution_by_code<'a>(
        &self,
        ctx: &Context<'a>,
        code: String,
    ) -> Option<Ready<Institution<'a>>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Institution).then(|| Ready(found.into()))
    }

    #[graphql(entity)]
    async fn page_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<Ready<Page<'a>>> {
        ctx.view().page(global_id::key("Page", &id)?).map(Page).map(Ready)
    }

    #[graphql(entity)]
    async fn page_by_native_id<'a>(
        &self,
        ctx: &Context<'a>,
        platform_code: String,
        native_id: String,
    ) -> Option<Ready<Page<'a>>> {
        let platform = ctx.view().platform_by_code(&platform_code)?;
        ctx.view().page_by_native_id(platform.id, &native_id).map(Page).map(Ready)
    }

    #[graphql(entity)]
    async fn platform_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<Ready<Platform<'a>>> {
        ctx.view().platform(global_id::key("Platform", &id)?).map(Platform).map(Ready)
    }

    #[graphql(entity)]
    async fn platform_by_code<'a>(&self, ctx: &Context<'a>, code: String) -> Option<Ready<Platform<'a>>> {
        ctx.view().platform_by_code(&code).map(Platform).map(Ready)
    }

    #[graphql(entity)]
    async fn territory_by_id<'a>(&self, ctx: &Context<'a>, id: ID) -> Option<Ready<Territory<'a>>> {
        ctx.view().territory(global_id::key("Territory", &id)?).map(Territory).map(Ready)
    }

    #[graphql(entity)]
    async fn territory_by_code<'a>(&self, ctx: &Context<'a>, code: String) -> Option<Ready<Territory<'a>>> {
        ctx.view().territory_by_code(&code).map(Territory).map(Ready)
    }
}
