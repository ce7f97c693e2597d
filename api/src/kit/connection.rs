//! Relay connections, forward only, over the ids of a selection.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::scalar::Count;
use crate::{
    error::{Error, Result},
    snapshot::Selection,
};

/// Most items in one answer.
const MAX_FIRST: i32 = 100;

/// Window of a list, in the order of the registry's ids.
pub struct Connection<Node> {
    edges: Vec<Edge<Node>>,
    page_info: PageInfo,
    total: u64,
}

/// Item of a list and its place in it.
pub struct Edge<Node> {
    node: Node,
    cursor: String,
}

/// Where a window of a list begins and ends. Lists are read forward only.
#[derive(Clone, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// Whether there are items before the window.
    has_previous_page: bool,
    /// Whether there are items after the window.
    has_next_page: bool,
    /// Cursor of the first item; null in an empty window.
    start_cursor: Option<String>,
    /// Cursor of the last item, to go on after; null in an empty window.
    end_cursor: Option<String>,
}

impl<Node: OutputType> TypeName for Connection<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", Node::type_name()).into()
    }
}

impl<Node: OutputType> TypeName for Edge<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", Node::type_name()).into()
    }
}

/// Window of a list, in the order of the registry's ids.
#[Object(name_type)]
impl<Node: OutputType> Connection<Node> {
    /// Items with their cursors.
    async fn edges(&self) -> &[Edge<Node>] {
        &self.edges
    }

    /// Items alone.
    async fn nodes(&self) -> Vec<&Node> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the window begins and ends.
    async fn page_info(&self) -> PageInfo {
        self.page_info.clone()
    }

    /// Number of items in the whole list.
    async fn total_count(&self) -> Count {
        Count(self.total)
    }
}

/// Item of a list and its place in it.
#[Object(name_type)]
impl<Node: OutputType> Edge<Node> {
    /// The item.
    async fn node(&self) -> &Node {
        &self.node
    }

    /// Place of the item in the list, opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }
}

/// Cuts a window out of a selection: `first` items after the cursor.
///
/// # Errors
/// When `first` is out of bounds, or the cursor is none of this list.
pub fn connection<Node>(
    list: &str,
    selection: &Selection,
    first: i32,
    after: Option<String>,
    node: impl Fn(i64) -> Option<Node>,
) -> Result<Connection<Node>> {
    if !(1..=MAX_FIRST).contains(&first) {
        return Err(Error::BadInput(format!("`first` must be from 1 to {MAX_FIRST}.")));
    }
    let after = after.map(|cursor| open(list, &cursor).ok_or(Error::InvalidCursor)).transpose()?;
    let mut ids = selection.after(after);
    let edges: Vec<_> = ids
        .by_ref()
        .filter_map(|id| Some(Edge { node: node(id)?, cursor: seal(list, id) }))
        .take(first as usize)
        .collect();
    let page_info = PageInfo {
        has_previous_page: after
            .is_some_and(|after| selection.after(None).next().is_some_and(|first| first <= after)),
        has_next_page: ids.next().is_some(),
        start_cursor: edges.first().map(|edge| edge.cursor.clone()),
        end_cursor: edges.last().map(|edge| edge.cursor.clone()),
    };
    Ok(Connection { edges, page_info, total: selection.len() })
}

/// Cost of a connection: its items times the cost of one.
pub fn cost(first: i32, child: usize) -> usize {
    usize::try_from(first.clamp(1, MAX_FIRST)).unwrap_or(1).saturating_mul(child)
}

/// A cursor is of use in its own list alone, and shows when it was altered.
fn seal(list: &str, id: i64) -> String {
    let place = format!("{list}:{id}");
    let seal = &blake3::hash(place.as_bytes()).to_hex()[..8];
    BASE64_URL_SAFE_NO_PAD.encode(format!("{id}:{seal}"))
}

fn open(list: &str, cursor: &str) -> Option<i64> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let id = text.split_once(':')?.0.parse().ok()?;
    (seal(list, id) == cursor).then_some(id)
}
