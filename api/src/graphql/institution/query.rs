//! Root fields of institutions.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::{Institution, Sector};
use crate::graphql::{
    error::Result,
    kit::{
        connection::Connection, context::Pinned, part::Part, scalar::DateTime, sequential::SequentialObject,
    },
    organization::{OrganizationFilter, OrganizationOrder, listed},
};

/// Root fields of institutions.
#[derive(Default)]
pub struct InstitutionQuery;

#[Object]
impl InstitutionQuery {
    /// Institution with this code; null if there is none.
    async fn institution<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the institution in this registry.")] code: String,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<Option<SequentialObject<Institution<'a>>>> {
        let found = ctx.view_at(as_of)?.organization_by_code(&code);
        let found = found.filter(|found| found.kind == Kind::Institution);
        Ok(found.map(Institution::from).map(SequentialObject))
    }

    /// Institutions of the registry.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn institutions<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Institution<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let found = view.organizations(Kind::Institution, &filter);
        let part = Part { first, after, last, before };
        listed("institutions", view, found, &filter, order_by, part)
    }

    /// Sectors of institutions; tens at most.
    async fn sectors<'a>(&self, ctx: &Context<'a>) -> Vec<Sector<'a>> {
        ctx.view().sectors().map(Sector).collect()
    }
}
