//! Root fields of platforms.

use async_graphql::{Context, Object};

use super::Platform;
use crate::graphql::kit::context::Pinned;

/// Root fields of platforms.
#[derive(Default)]
pub struct PlatformQuery;

#[Object]
impl PlatformQuery {
    /// Platform with this code; null if there is none.
    async fn platform<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the platform, such as `vk`.")] code: String,
    ) -> Option<Platform<'a>> {
        ctx.view().platform_by_code(&code).map(Platform)
    }

    /// All platforms of the registry; tens.
    async fn platforms<'a>(&self, ctx: &Context<'a>) -> Vec<Platform<'a>> {
        ctx.view().platforms().map(Platform).collect()
    }
}
