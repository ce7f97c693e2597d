//! Root fields of pages.

use async_graphql::{Context, ID, Object};

use super::{Page, PageFilter, PageOrder, listed};
use crate::graphql::{
    error::Result,
    kit::{
        connection::Connection,
        context::Pinned,
        keys::check_keys,
        part::Part,
        scalar::DateTime,
        sequential::{SequentialList, SequentialObject},
    },
};

/// Root fields of pages.
#[derive(Default)]
pub struct PageQuery;

#[Object]
impl PageQuery {
    /// Page at this address; null if the registry has none.
    async fn page<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Address of the page in any form.")] url: String,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<Option<SequentialObject<Page<'a>>>> {
        let found = registry::verification::page_at(ctx.view_at(as_of)?, &url);
        Ok(found.map(Page).map(SequentialObject))
    }

    /// Page with this permanent id on its platform; null if the registry has none.
    async fn page_by_native_id<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the platform, such as `vk`.")] platform_code: String,
        #[graphql(desc = "Permanent id of the page on the platform.")] native_id: ID,
    ) -> Option<SequentialObject<Page<'a>>> {
        let platform = ctx.view().platform_by_code(&platform_code)?;
        ctx.view().page_by_native_id(platform.id, &native_id).map(Page).map(SequentialObject)
    }

    /// Pages with these permanent ids on a platform, in the order of `nativeIds`; null in place of one that the registry does
    /// not have.
    async fn pages_by_native_ids<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the platform, such as `vk`.")] platform_code: String,
        #[graphql(desc = "Permanent ids of the pages on the platform, from 1 to 100.")] native_ids: Vec<ID>,
    ) -> Result<SequentialList<Option<Page<'a>>>> {
        check_keys("nativeIds", &native_ids)?;
        let view = ctx.view();
        let platform_id = view.platform_by_code(&platform_code).map(|platform| platform.id);
        let page = |native_id: &ID| view.page_by_native_id(platform_id?, native_id).map(Page);
        Ok(SequentialList(native_ids.iter().map(page).collect()))
    }

    /// Pages of the registry.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn pages<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the pages must meet.")] filter: Option<PageFilter>,
        #[graphql(default, desc = "Order of the list.")] order_by: PageOrder,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Page<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let part = Part { first, after, last, before };
        listed("pages", view, view.pages(&filter), &filter, order_by, part)
    }
}
