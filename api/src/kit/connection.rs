//! Relay connections, forward only, over windows of ids.

use std::{borrow::Cow, fmt::Debug};

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    in_turn::{InTurn, Items, Ready, in_turn},
    scalar::Count,
};
use crate::{
    error::{Error, Result},
    snapshot::{Filter, Window},
};

/// Most items in one answer.
pub const MAX_FIRST: i32 = 100;

/// Window of a list.
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

/// Window of a list.
#[Object(name_type)]
impl<Node: InTurn> Connection<Node> {
    /// Items with their cursors.
    async fn edges(&self) -> Items<&Edge<Node>> {
        Items(self.edges.iter().collect())
    }

    /// Items alone.
    async fn nodes(&self) -> Items<&Node> {
        Items(self.edges.iter().map(|edge| &edge.node).collect())
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
impl<Node: InTurn> Edge<Node> {
    /// The item.
    async fn node(&self) -> Ready<&Node> {
        Ready(&self.node)
    }

    /// Place of the item in the list, opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }
}

in_turn!(Connection<Node> where Node, Edge<Node> where Node);

impl<Node> Connection<Node> {
    /// A window that was cut elsewhere: its items with their cursors.
    pub fn new(items: Vec<(Node, String)>, has_previous: bool, has_next: bool, total: u64) -> Self {
        let edges: Vec<_> = items.into_iter().map(|(node, cursor)| Edge { node, cursor }).collect();
        let page_info = PageInfo {
            has_previous_page: has_previous,
            has_next_page: has_next,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info, total }
    }

    /// Says where to go on after, where it is not after the last item.
    pub fn end_at(&mut self, cursor: String) {
        self.page_info.end_cursor = Some(cursor);
    }

    /// The items with their cursors, and where the window begins and ends.
    pub fn into_parts(self) -> (Vec<Edge<Node>>, PageInfo) {
        (self.edges, self.page_info)
    }
}

impl<Node> Edge<Node> {
    /// The item.
    pub fn item(&self) -> &Node {
        &self.node
    }
}

/// A list that windows are cut out of: its name, with everything that makes it another list.
pub struct List(String);

impl List {
    /// List with this name, for a filter and an order that windows of it keep.
    pub fn new(name: impl Into<String>, filter: &Filter, order: impl Debug) -> Self {
        let mut name = name.into();
        let conditions = format!("{:?}/{order:?}", filter.clauses());
        name.push_str(&blake3::hash(conditions.as_bytes()).to_hex()[..16]);
        Self(name)
    }

    /// Cuts a window out of the list: `first` items after the cursor.
    ///
    /// # Errors
    /// When `first` is out of bounds, or the cursor is none of this list.
    pub fn connection<Node>(
        &self,
        first: i32,
        after: Option<String>,
        window: impl FnOnce(Option<i64>, usize) -> Window,
        node: impl Fn(i64) -> Option<Node>,
    ) -> Result<Connection<Node>> {
        check_first(first, MAX_FIRST)?;
        let after = after.map(|cursor| self.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let Window { ids, has_previous, has_next, total } = window(after, first as usize);
        let items = ids.into_iter().filter_map(|id| Some((node(id)?, self.seal(id))));
        Ok(Connection::new(items.collect(), has_previous, has_next, total))
    }

    /// A cursor is of use in its own list alone, and shows when it was altered.
    pub fn seal(&self, id: i64) -> String {
        let place = format!("{}:{id}", self.0);
        let seal = &blake3::hash(place.as_bytes()).to_hex()[..8];
        BASE64_URL_SAFE_NO_PAD.encode(format!("{id}:{seal}"))
    }

    /// Place that a cursor of this list is of.
    pub fn open(&self, cursor: &str) -> Option<i64> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let id = text.split_once(':')?.0.parse().ok()?;
        (self.seal(id) == cursor).then_some(id)
    }
}

/// Refuses a `first` that is out of bounds.
///
/// # Errors
/// When it is.
pub fn check_first(first: i32, most: i32) -> Result<()> {
    if (1..=most).contains(&first) {
        return Ok(());
    }
    Err(Error::BadInput(format!("`first` must be from 1 to {most}.")))
}

/// Cost of a connection: its items times the cost of one.
pub fn cost(first: i32, child: usize) -> usize {
    cost_up_to(first, MAX_FIRST, child)
}

/// The same for a connection with another limit.
pub fn cost_up_to(first: i32, most: i32, child: usize) -> usize {
    usize::try_from(first.clamp(1, most)).unwrap_or(1).saturating_mul(child)
}
