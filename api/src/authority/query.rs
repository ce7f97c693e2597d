//! Root fields of authorities.

use async_graphql::{Context, Object};
use entities::organization::Kind;

use super::Authority;
use crate::{
    error::Result,
    kit::{
        connection::{Connection, connection, cost},
        request::Pinned,
    },
};

/// Root fields of authorities.
#[derive(Default)]
pub struct AuthorityQuery;

#[Object]
impl AuthorityQuery {
    /// Authority with this code.
    async fn authority<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the authority in this registry.")] code: String,
    ) -> Option<Authority<'a>> {
        let found = ctx.view().organization_by_code(&code)?;
        (found.kind == Kind::Authority).then(|| found.into())
    }

    /// Authorities of the registry, in the order of their entry.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn authorities<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<Authority<'a>>> {
        let view = ctx.view();
        connection("authorities", &view.authorities(), first, after, |id| {
            view.organization(id).map(Authority::from)
        })
    }
}
