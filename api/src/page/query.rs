//! Root fields of pages.

use async_graphql::{Context, Object};

use super::Page;
use crate::{
    error::Result,
    kit::{
        connection::{Connection, connection, cost},
        request::Pinned,
    },
    verification,
};

/// Root fields of pages.
#[derive(Default)]
pub struct PageQuery;

#[Object]
impl PageQuery {
    /// Page at this address, whatever form the address has; null where the registry has none.
    async fn page<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Address of the page in any form.")] url: String,
    ) -> Option<Page<'a>> {
        verification::service::page_at(ctx.view(), &url).map(Page)
    }

    /// Page with this permanent id on its platform; null where the registry has none.
    async fn page_by_native_id<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the platform, such as `vk`.")] platform_code: String,
        #[graphql(desc = "Permanent id of the page on the platform.")] native_id: String,
    ) -> Option<Page<'a>> {
        let platform = ctx.view().platform_by_code(&platform_code)?;
        ctx.view().page_by_native_id(platform.id, &native_id).map(Page)
    }

    /// Pages of the registry, in the order of their entry.
    #[graphql(complexity = "cost(first, child_complexity)")]
    async fn pages<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<Page<'a>>> {
        let view = ctx.view();
        connection("pages", &view.pages(), first, after, |id| view.page(id).map(Page))
    }
}
