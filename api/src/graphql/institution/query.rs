//! Root fields of institutions.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::{Institution, Sector};
use crate::graphql::{
    error::Result,
    kit::{connection::Connection, context::Pinned, scalar::DateTime, sequential::SequentialObject},
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
    async fn institutions<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default_with = "OrganizationOrder::Entry", desc = "Order of the list.")]
        order_by: OrganizationOrder,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Institution<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let found = view.organizations(Kind::Institution, &filter);
        listed("institutions", view, found, &filter, order_by, first, after)
    }

    /// Sectors of institutions; tens at most.
    async fn sectors<'a>(&self, ctx: &Context<'a>) -> Vec<Sector<'a>> {
        ctx.view().sectors().map(Sector).collect()
    }
}
