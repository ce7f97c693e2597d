//! Root fields of authorities.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::Authority;
use crate::graphql::{
    error::Result,
    kit::{connection::Connection, context::Pinned, scalar::DateTime, sequential::SequentialObject},
    organization::{OrganizationFilter, OrganizationOrder, listed},
};

/// Root fields of authorities.
#[derive(Default)]
pub struct AuthorityQuery;

#[Object]
impl AuthorityQuery {
    /// Authority with this code; null if there is none.
    async fn authority<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the authority in this registry.")] code: String,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<Option<SequentialObject<Authority<'a>>>> {
        let found = ctx.view_at(as_of)?.organization_by_code(&code);
        let found = found.filter(|found| found.kind == Kind::Authority);
        Ok(found.map(Authority::from).map(SequentialObject))
    }

    /// Authorities of the registry.
    async fn authorities<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default_with = "OrganizationOrder::Entry", desc = "Order of the list.")]
        order_by: OrganizationOrder,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Authority<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let found = view.organizations(Kind::Authority, &filter);
        listed("authorities", view, found, &filter, order_by, first, after)
    }
}
