//! Root fields of authorities.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::Authority;
use crate::graphql::{
    error::Result,
    kit::{
        connection::Connection, context::Pinned, part::Part, scalar::DateTime, sequential::SequentialObject,
    },
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
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn authorities<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Authority<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let found = view.organizations(Kind::Authority, &filter);
        let part = Part { first, after, last, before };
        listed("authorities", view, found, &filter, order_by, part)
    }
}
