//! Root fields of territories.

use async_graphql::{Context, Object};
use entities::territory::Kind;

use super::Territory;
use crate::graphql::{
    error::{Error, Result},
    kit::{context::Pinned, sequential::{SequentialList, SequentialObject}},
};

/// Root fields of territories.
#[derive(Default)]
pub struct TerritoryQuery;

#[Object]
impl TerritoryQuery {
    /// Territory with this code; null if there is none.
    async fn territory<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the territory in this registry.")] code: String,
    ) -> Option<SequentialObject<Territory<'a>>> {
        ctx.view().territory_by_code(&code).map(Territory).map(SequentialObject)
    }

    /// Regions of the registry, ordered by code; hundreds at most.
    async fn regions<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the country or district of the regions; null for all.")]
        parent_code: Option<String>,
    ) -> Result<SequentialList<Territory<'a>>> {
        let parent = match &parent_code {
            None => None,
            Some(code) => Some(ctx.view().territory_by_code(code).ok_or_else(|| {
                Error::BadInput("`parentCode`: there is no territory with this code.".into())
            })?),
        };
        let regions = ctx.view().territories(Kind::Region);
        let mut regions: Vec<_> = regions
            .filter(|region| parent.as_ref().is_none_or(|parent| region.is_within(parent.id)))
            .collect();
        regions.sort_by(|left, right| left.code.cmp(&right.code));
        Ok(SequentialList(regions.into_iter().map(Territory).collect()))
    }
}
