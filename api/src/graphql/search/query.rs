//! Root fields of search.

use async_graphql::{Context, Object};
use entities::organization::Kind;
use registry::{
    search::{
        SearchIndex,
        service::{self, Hit, ScoredHit, VisibleIds},
    },
    snapshot::{Dimension, Filter},
    view::View,
};

use super::object::{SearchConnection, SearchKind, SearchResult, item};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
        sequential::SequentialObject,
    },
    registry_statistics::RegistryFilter,
};

/// Maximum length of the search text, in characters.
const MAX_TEXT: usize = 200;
/// Low bits of a cursor, which hold the hit; those above hold its score.
const HIT_BITS: u32 = 33;
/// Maximum score in a cursor; higher scores are capped.
const MAX_SCORE: u32 = (1 << 30) - 1;

/// Root fields of search.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Full-text search for organizations and pages, best match first. Finds names in any word form, with a typing error,
    /// transliterated or typed in the wrong keyboard layout; identifiers in official registers; and addresses of pages.
    /// `SEARCH_NOT_READY` while the index is being built.
    async fn search<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Search text, at most 200 characters, with at least one letter or digit.")]
        text: String,
        #[graphql(desc = "Kinds of records to search for; null for all.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "Filter for the results.")] filter: Option<RegistryFilter>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<SearchConnection<'a>> {
        results(ctx, &text, kinds.as_deref(), filter, (first, after))
    }
}

/// Root field of search in a supergraph, where `search` may be that of any subgraph.
#[derive(Default)]
pub struct RegistrySearchQuery;

#[Object]
impl RegistrySearchQuery {
    /// Full-text search of the registry for organizations and pages, best match first. Finds names in any word form, with a
    /// typing error, transliterated or typed in the wrong keyboard layout; identifiers in official registers; and
    /// addresses of pages. `SEARCH_NOT_READY` while the index is being built.
    async fn registry_search<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Search text, at most 200 characters, with at least one letter or digit.")]
        text: String,
        #[graphql(desc = "Kinds of records to search for; null for all.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "Filter for the results.")] filter: Option<RegistryFilter>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<SearchConnection<'a>> {
        results(ctx, &text, kinds.as_deref(), filter, (first, after))
    }
}

/// A window of `first` results after a cursor.
fn results<'a>(
    ctx: &Context<'a>,
    text: &str,
    kinds: Option<&[SearchKind]>,
    filter: Option<RegistryFilter>,
    (first, after): (i32, Option<String>),
) -> Result<SearchConnection<'a>> {
    check_first(first, MAX_FIRST)?;
    check_text(text)?;
    let (view, index) = (ctx.view(), ctx.data_unchecked::<SearchIndex>());
    let filter = filter.unwrap_or_default().compile(view)?;
    let asked = [SearchKind::Authority, SearchKind::Institution, SearchKind::Page]
        .map(|kind| kinds.is_none_or(|kinds| kinds.contains(&kind)));
    let list = List::new(format!("search-{text}"), &filter, asked);
    let after = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
    let after = after.map(decode_position);
    let among = among(view, &filter, kinds);
    let count = first as usize;
    let seq = index.seq(view.viewer()).unwrap_or(view.seq());
    ctx.depends().reached(seq);
    let answer = service::search(index, view, text, among, after, count + 1)?;
    let mut answer = answer.ok_or(Error::SearchNotReady)?;
    let has_next = answer.hits.len() > count;
    answer.hits.truncate(count);
    let ignored = std::mem::take(&mut answer.ignored);
    let items = answer.hits.into_iter().filter_map(|entry| {
        let result = SearchResult {
            item: SequentialObject(item(view, entry.hit)?),
            matched_by: answer.matched_by.into(),
            score: f64::from(entry.score),
        };
        Some((result, encode_position(entry)))
    });
    let window = Connection::new(list, items, after.is_some(), has_next, answer.total);
    Ok(SearchConnection { window, seq, ignored })
}

/// Validates the search text.
///
/// # Errors
/// When the text is too long, has no letter or digit, or has control characters.
pub fn check_text(text: &str) -> Result<()> {
    if text.chars().count() > MAX_TEXT {
        return Err(Error::BadInput(format!("`text` must be at most {MAX_TEXT} characters long.")));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Error::BadInput("`text` must contain a letter or a digit.".into()));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Error::BadInput("`text` must not contain control characters.".into()));
    }
    Ok(())
}

/// Records of these kinds that match the filter and that the viewer may see.
pub fn among(view: &View, filter: &Filter, kinds: Option<&[SearchKind]>) -> VisibleIds {
    let has = |kind| kinds.is_none_or(|kinds| kinds.contains(&kind));
    let group = view.group(filter);
    let mut organizations = group.organizations.unwrap_or_default();
    for (kind, of_kind) in
        [(SearchKind::Authority, Kind::Authority), (SearchKind::Institution, Kind::Institution)]
    {
        if !has(kind) {
            organizations = view.without_organizations(organizations, (Dimension::Kind, of_kind as u32));
        }
    }
    VisibleIds { organizations, pages: if has(SearchKind::Page) { group.pages } else { Default::default() } }
}

/// Encodes the position of a hit as the number in a cursor.
fn encode_position(entry: ScoredHit) -> i64 {
    let hit = match entry.hit {
        Hit::Organization(id) => id,
        Hit::Page(id) => id | 1 << (HIT_BITS - 1),
    };
    i64::from(entry.score.min(MAX_SCORE)) << HIT_BITS | hit
}

fn decode_position(number: i64) -> ScoredHit {
    let hit = number & ((1 << HIT_BITS) - 1);
    let id = hit & ((1 << (HIT_BITS - 1)) - 1);
    let is_page = hit >> (HIT_BITS - 1) == 1;
    ScoredHit {
        score: (number >> HIT_BITS) as u32,
        hit: if is_page { Hit::Page(id) } else { Hit::Organization(id) },
    }
}
