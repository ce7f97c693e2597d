//! Relay connections over windows of lists.

use std::{
    borrow::Cow,
    fmt::Debug,
    sync::{Arc, OnceLock},
};

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use registry::{
    snapshot::{Filter, Place},
    view::{Slice, Window},
};

use super::{
    part::{Asked, Part},
    scalar::SafeInt,
    sequential::{ResolveSequentially, SequentialList, SequentialObject, resolve_sequentially},
};
use crate::graphql::error::{Error, Result};

/// Maximum number of items per connection.
pub const MAX_FIRST: i32 = 100;

/// Relay connection.
pub struct Connection<Node> {
    edges: Vec<Edge<Node>>,
    list: List,
    has_previous: bool,
    has_next: bool,
    /// Position of `endCursor`, if not that of the last item.
    end: Option<CursorPosition>,
    total: u64,
}

/// Item of a list and its cursor.
pub struct Edge<Node> {
    node: Node,
    list: List,
    position: CursorPosition,
}

/// Position in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorPosition {
    /// Id of the item, or sequence number.
    pub id: i64,
    /// In the change feed: prefixes of the hashes of the change and of the epoch, against which the cursor is verified. In a
    /// list that is ordered by a number: the number of the item, as it was when the cursor was made.
    pub mark: Option<u64>,
}

impl From<i64> for CursorPosition {
    fn from(id: i64) -> Self {
        Self { id, mark: None }
    }
}

/// Pagination information.
#[derive(Clone, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// Whether there are items before the first one returned.
    has_previous_page: bool,
    /// Whether there are items after the last one returned.
    has_next_page: bool,
    /// Cursor to pass as `before` for the previous items, where a list has this argument; null if there are no items.
    start_cursor: Option<String>,
    /// Cursor to pass as `after` for the next items; null if there are no items, except in the change feed.
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

/// Relay connection.
#[Object(name_type)]
impl<Node: ResolveSequentially> Connection<Node> {
    /// Edges: items with their cursors.
    async fn edges(&self) -> SequentialList<&Edge<Node>> {
        self.items()
    }

    /// Items without cursors.
    async fn nodes(&self) -> SequentialList<&Node> {
        self.item_nodes()
    }

    /// Pagination information.
    async fn page_info(&self) -> PageInfo {
        self.bounds()
    }

    /// Number of items in the whole list.
    async fn total_count(&self) -> SafeInt {
        SafeInt::from(self.total)
    }
}

/// Item of a list and its cursor.
#[Object(name_type)]
impl<Node: ResolveSequentially> Edge<Node> {
    /// The item.
    async fn node(&self) -> SequentialObject<&Node> {
        SequentialObject(&self.node)
    }

    /// Opaque cursor of the item, valid only in this list, with the same filter and order.
    async fn cursor(&self) -> String {
        self.list.encode_cursor(self.position)
    }
}

resolve_sequentially!(Connection<Node> where Node, Edge<Node> where Node);

impl<Node> Connection<Node> {
    /// Connection over items with their positions in the list.
    pub fn new<P: Into<CursorPosition>>(
        list: List,
        items: impl IntoIterator<Item = (Node, P)>,
        has_previous: bool,
        has_next: bool,
        total: u64,
    ) -> Self {
        let edge = |(node, position): (Node, P)| Edge { node, list: list.clone(), position: position.into() };
        Self { edges: items.into_iter().map(edge).collect(), list, has_previous, has_next, end: None, total }
    }

    /// Sets the position of `endCursor`, if it is not that of the last item.
    pub fn end_at(&mut self, position: CursorPosition) {
        self.end = Some(position);
    }

    /// Edges of the connection.
    pub fn items(&self) -> SequentialList<&Edge<Node>> {
        SequentialList(self.edges.iter().collect())
    }

    /// Items without cursors.
    pub fn item_nodes(&self) -> SequentialList<&Node> {
        SequentialList(self.edges.iter().map(|edge| &edge.node).collect())
    }

    /// Number of items in the whole list.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Pagination information.
    pub fn bounds(&self) -> PageInfo {
        let first = self.edges.first().map(|edge| edge.position);
        let last = self.end.or_else(|| self.edges.last().map(|edge| edge.position));
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: first.map(|position| self.list.encode_cursor(position)),
            end_cursor: last.map(|position| self.list.encode_cursor(position)),
        }
    }
}

/// Identity of a list, to which its cursors are bound: name, filter and order.
#[derive(Clone)]
pub struct List(Arc<ListKey>);

struct ListKey {
    name: String,
    filter: Filter,
    order: String,
    /// Name with a hash of the rest; computed with the first cursor, as most requests select none.
    key: OnceLock<String>,
}

impl List {
    /// List with this name, filter and order.
    pub fn new(name: impl Into<String>, filter: &Filter, order: impl Debug) -> Self {
        let (filter, order) = (filter.clone(), format!("{order:?}"));
        Self(Arc::new(ListKey { name: name.into(), filter, order, key: OnceLock::new() }))
    }

    fn key(&self) -> &str {
        let ListKey { name, filter, order, key } = &*self.0;
        key.get_or_init(|| {
            let conditions = format!("{filter:?}/{order}");
            format!("{name}{}", &blake3::hash(conditions.as_bytes()).to_hex()[..16])
        })
    }

    /// Connection over a part of the list.
    ///
    /// # Errors
    /// If a number is out of bounds, arguments of both directions are given, or the cursor is not of this list.
    pub fn connection<Node>(
        self,
        part: Part,
        window: impl FnOnce(Slice) -> Window,
        node: impl Fn(i64) -> Option<Node>,
    ) -> Result<Connection<Node>> {
        let Asked { cursor, count, is_backward } = part.check()?;
        let from =
            cursor.map(|cursor| self.decode_cursor(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let slice = Slice { from: from.map(Place::from), count, is_backward };
        let Window { items, has_previous, has_next, total } = window(slice);
        let items = items.into_iter().filter_map(|place| Some((node(place.id)?, place)));
        Ok(Connection::new(self, items, has_previous, has_next, total))
    }

    /// Encodes a cursor with a checksum that binds it to this list.
    fn encode_cursor(&self, CursorPosition { id, mark }: CursorPosition) -> String {
        let position = mark.map_or_else(|| id.to_string(), |mark| format!("{id}.{mark:016x}"));
        let checksum = &blake3::hash(format!("{}:{position}", self.key()).as_bytes()).to_hex()[..8];
        BASE64_URL_SAFE_NO_PAD.encode(format!("{position}:{checksum}"))
    }

    /// Id of a cursor of this list; `None` if it is invalid.
    pub fn open(&self, cursor: &str) -> Option<i64> {
        self.decode_cursor(cursor).map(|position| position.id)
    }

    /// Position of a cursor of this list, with its mark; `None` if it is invalid.
    pub fn decode_cursor(&self, cursor: &str) -> Option<CursorPosition> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let encoded = text.split_once(':')?.0;
        let position = match encoded.split_once('.') {
            Some((id, mark)) => {
                CursorPosition { id: id.parse().ok()?, mark: Some(u64::from_str_radix(mark, 16).ok()?) }
            }
            None => encoded.parse::<i64>().ok()?.into(),
        };
        (self.encode_cursor(position) == cursor).then_some(position)
    }
}

/// Checks the bounds of `first`.
///
/// # Errors
/// If it is not from 1 to `most`.
pub fn check_first(first: i32, most: i32) -> Result<()> {
    check_length("first", first, most)
}

/// Checks the bounds of the number of items in an argument.
pub(super) fn check_length(argument: &str, length: i32, most: i32) -> Result<()> {
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Error::BadInput(format!("`{argument}` must be from 1 to {most}.")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(name: &str, order: &str) -> List {
        List::new(name, &Filter::default(), order)
    }

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_position_in_its_own_list_alone(id in any::<i64>(), mark in any::<Option<u64>>()) {
            let position = CursorPosition { id, mark };
            let cursor = list("pages", "ENTRY").encode_cursor(position);
            let opened = list("pages", "ENTRY").decode_cursor(&cursor);
            prop_assert_eq!(opened.map(|it| (it.id, it.mark)), Some((id, mark)));
            prop_assert!(list("pages", "NAME").open(&cursor).is_none());
            prop_assert!(list("authorities", "ENTRY").open(&cursor).is_none());
        }

        #[test]
        fn a_text_that_is_no_cursor_opens_nothing(text in "\\PC{0,40}|[A-Za-z0-9_-]{0,40}") {
            prop_assert!(list("pages", "ENTRY").decode_cursor(&text).is_none());
        }

        #[test]
        fn a_cursor_that_was_altered_opens_nothing(id in any::<i64>(), at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_-]") {
            let cursor = list("pages", "ENTRY").encode_cursor(id.into());
            let at = at.index(cursor.len());
            let altered = format!("{}{letter}{}", &cursor[..at], &cursor[at + 1..]);
            prop_assume!(altered != cursor);
            prop_assert!(list("pages", "ENTRY").open(&altered).is_none());
        }
    }
}
