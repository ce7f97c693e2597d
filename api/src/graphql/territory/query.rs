//! Root fields of territories.

use async_graphql::{Context, Object};
use entities::territory::Kind;
use registry::{
    snapshot::Filter,
    view::{TerritoryView, View},
};

use super::{Territory, TerritoryKind};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List},
        context::Pinned,
        part::Part,
        sequential::{SequentialList, SequentialObject},
    },
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
        let parent = parent_of(ctx.view(), parent_code)?;
        let regions = ctx.view().territories(Kind::Region);
        let mut regions: Vec<_> = regions
            .filter(|region| parent.as_ref().is_none_or(|parent| region.is_within(parent.id)))
            .collect();
        regions.sort_by(|left, right| left.code.cmp(&right.code));
        Ok(SequentialList(regions.into_iter().map(Territory).collect()))
    }

    /// Territories of the registry, in the order of their entry.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn territories<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Kind of the territories; null for all.")] kind: Option<TerritoryKind>,
        #[graphql(desc = "Code of the territory that they lie in, at any depth; null for all.")]
        parent_code: Option<String>,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Territory<'a>>> {
        let view = ctx.view();
        let (kind, parent) = (kind.map(Kind::from), parent_of(view, parent_code)?);
        let list = List::new("territories", &Filter::default(), (kind, parent.map(|parent| parent.id)));
        let window = |slice| view.territory_window(kind, parent, slice);
        let part = Part { first, after, last, before };
        list.connection(part, window, |id| view.territory(id).map(Territory))
    }
}

/// Territory with the code in the argument `parentCode`.
fn parent_of(view: &View, code: Option<String>) -> Result<Option<TerritoryView<'_>>> {
    let Some(code) = code else { return Ok(None) };
    let found = view.territory_by_code(&code);
    found
        .map(Some)
        .ok_or_else(|| Error::BadInput("`parentCode`: there is no territory with this code.".into()))
}
