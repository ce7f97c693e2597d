//! GraphQL types of search.

use async_graphql::{ContextSelectionSet, Enum, Object, SimpleObject, Union};
use registry::{
    search::service::{self, Hit},
    view::View,
};

use crate::graphql::{
    authority::Authority,
    institution::Institution,
    kit::{
        connection::{Connection, Edge, PageInfo},
        scalar::Count,
        sequential::{Answer, InTurn, Items, Ready, in_turn},
    },
    page::Page,
};

/// Kind of what is looked for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SearchKind {
    /// Body of state or local power.
    Authority,
    /// Body that an authority founded or that is subordinate to it.
    Institution,
    /// Official page of an organization.
    Page,
}

/// By what something was found.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "service::MatchedBy")]
pub enum SearchMatch {
    /// By its names, or those of its place or owner.
    Text,
    /// By a number in a register, a permanent id on a platform, or its code.
    Identifier,
    /// By the address of a page.
    Address,
}

/// What was found.
#[derive(Union)]
pub enum SearchItem<'a> {
    /// Body of state or local power.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Official page of an organization.
    Page(Page<'a>),
}

impl InTurn for SearchItem<'_> {
    fn in_turn<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> Answer<'a> {
        match self {
            Self::Authority(authority) => authority.in_turn(ctx),
            Self::Institution(institution) => institution.in_turn(ctx),
            Self::Page(page) => page.in_turn(ctx),
        }
    }
}

/// What was found, and how well it fits.
#[derive(SimpleObject)]
pub struct SearchResult<'a> {
    /// What was found.
    pub item: Ready<SearchItem<'a>>,
    /// By what it was found.
    pub matched_by: SearchMatch,
    /// How well it fits: of use only to compare results of one search.
    pub score: f64,
}

in_turn!(SearchResult<'_>);

/// Window of the results of a search, the best first.
pub struct SearchConnection<'a> {
    pub(super) window: Connection<SearchResult<'a>>,
    /// Place in the change log that the index had reached.
    pub(super) seq: i64,
    pub(super) ignored: Vec<String>,
}

/// Window of the results of a search, the best first.
#[Object(name = "SearchResultConnection")]
impl<'a> SearchConnection<'a> {
    /// Results with their cursors.
    async fn edges(&self) -> Items<&Edge<SearchResult<'a>>> {
        self.window.items()
    }

    /// Results alone.
    async fn nodes(&self) -> Items<&SearchResult<'a>> {
        self.window.item_nodes()
    }

    /// Where the window begins and ends.
    async fn page_info(&self) -> PageInfo {
        self.window.bounds()
    }

    /// Words of the text, as they were typed, that are nowhere in the registry, not even with a typing error, or that the
    /// best result lacks: results are for the others.
    async fn ignored_words(&self) -> &[String] {
        &self.ignored
    }

    /// Number of results.
    async fn total_count(&self) -> Count {
        Count(self.window.total())
    }

    /// Place in the change log that the search index had reached: it may be a moment behind the registry.
    async fn seq(&self) -> Count {
        Count(self.seq.unsigned_abs())
    }
}

/// What a hit is, if the viewer may see it.
pub(super) fn item(view: &View, hit: Hit) -> Option<SearchItem<'_>> {
    use entities::organization::Kind;
    Some(match hit {
        Hit::Page(id) => SearchItem::Page(Page(view.page(id)?)),
        Hit::Organization(id) => match view.organization(id)? {
            found if found.kind == Kind::Authority => SearchItem::Authority(found.into()),
            found => SearchItem::Institution(found.into()),
        },
    })
}
