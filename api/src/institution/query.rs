//! Root fields of institutions.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::Institution;
use crate::{
    error::Result,
    kit::{
        connection::{Connection, connection, cost},
        request::Pinned,
    },
};

/// Root fields of institutions.
#[derive(Default)]
pub struct InstitutionQuery;

#[Object]
impl InstitutionQuery {
    /// Institution with this code.
    async fn institution<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the institution in this registry.")] code: String,
    ) -> Option<Institution<'a>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Institution).then(|| found.into())
    }

    /// Institutions of the registry, in the order of their entry.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn institutions<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<Institution<'a>>> {
        let view = ctx.view();
        connection("institutions", &view.institutions(), first, after, |id| {
            view.organization(id).map(Institution::from)
        })
    }
}
