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
        scalar::SafeInt,
        sequential::{
            ResolveFuture, ResolveSequentially, SequentialList, SequentialObject, resolve_sequentially,
        },
    },
    page::Page,
};

/// Kind of record to search for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SearchKind {
    /// State or local government body.
    Authority,
    /// Body that an authority founded or that is subordinate to it.
    Institution,
    /// Official page of an organization.
    Page,
}

/// How a record matched the search text.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "service::MatchedBy")]
pub enum SearchMatch {
    /// By its names, or those of its territory or owner.
    Text,
    /// By its code, an identifier in an official register, or a permanent id on a platform.
    Identifier,
    /// By the address of a page, or the host of an organization's website.
    Address,
}

/// Record that matched the search text.
#[derive(Union)]
pub enum SearchItem<'a> {
    /// State or local government body.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Official page of an organization.
    Page(Page<'a>),
}

impl ResolveSequentially for SearchItem<'_> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Self::Authority(authority) => authority.resolve_sequentially(ctx),
            Self::Institution(institution) => institution.resolve_sequentially(ctx),
            Self::Page(page) => page.resolve_sequentially(ctx),
        }
    }
}

/// Search result: a record with its relevance.
#[derive(SimpleObject)]
#[graphql(name = "RegistrySearchResult")]
pub struct SearchResult<'a> {
    /// Record that matched the search text.
    pub item: SequentialObject<SearchItem<'a>>,
    /// How the record matched.
    pub matched_by: SearchMatch,
    /// Relevance; comparable only within one search.
    pub score: f64,
}

resolve_sequentially!(SearchResult<'_>);

/// Connection over search results, best match first.
pub struct SearchConnection<'a> {
    pub(super) window: Connection<SearchResult<'a>>,
    /// Sequence number of the change log that the index had reached.
    pub(super) seq: i64,
    pub(super) ignored: Vec<String>,
}

/// Connection over search results, best match first.
#[Object(name = "RegistrySearchResultConnection")]
impl<'a> SearchConnection<'a> {
    /// Results with their cursors.
    async fn edges(&self) -> SequentialList<&Edge<SearchResult<'a>>> {
        self.window.items()
    }

    /// Results without cursors.
    async fn nodes(&self) -> SequentialList<&SearchResult<'a>> {
        self.window.item_nodes()
    }

    /// Pagination information.
    async fn page_info(&self) -> PageInfo {
        self.window.bounds()
    }

    /// Words of `text`, as typed, that were ignored: those that occur nowhere in the registry, even with a typing error, or
    /// not in the best result.
    async fn ignored_words(&self) -> &[String] {
        &self.ignored
    }

    /// Total number of results.
    async fn total_count(&self) -> SafeInt {
        SafeInt::from(self.window.total())
    }

    /// Sequence number of the change log that the search index has reached; it may lag behind the registry.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.seq)
    }
}

/// Record of a hit, if the viewer may see it.
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
