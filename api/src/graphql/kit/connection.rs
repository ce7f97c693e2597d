//! Relay connections, forward only, over windows of ids.

use std::{
    borrow::Cow,
    fmt::Debug,
    sync::{Arc, OnceLock},
};

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use registry::{snapshot::Filter, view::Window};

use super::{
    scalar::Count,
    sequential::{InTurn, Items, Ready, in_turn},
};
use crate::graphql::error::{Error, Result};

/// Most items in one answer.
pub const MAX_FIRST: i32 = 100;

/// Window of a list.
pub struct Connection<Node> {
    edges: Vec<Edge<Node>>,
    list: List,
    has_previous: bool,
    has_next: bool,
    /// Place to go on after, where it is not that of the last item.
    end: Option<Place>,
    total: u64,
}

/// Item of a list and its place in it.
pub struct Edge<Node> {
    node: Node,
    list: List,
    place: Place,
}

/// Place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the place.
    pub id: i64,
    /// What else must be so there: the beginning of the change log's hash, in the change feed.
    pub mark: Option<u64>,
}

impl From<i64> for Place {
    fn from(id: i64) -> Self {
        Self { id, mark: None }
    }
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
        self.items()
    }

    /// Items alone.
    async fn nodes(&self) -> Items<&Node> {
        self.item_nodes()
    }

    /// Where the window begins and ends.
    async fn page_info(&self) -> PageInfo {
        self.bounds()
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
    async fn cursor(&self) -> String {
        self.list.seal(self.place)
    }
}

in_turn!(Connection<Node> where Node, Edge<Node> where Node);

impl<Node> Connection<Node> {
    /// A window that was cut elsewhere: its items with their places in the list.
    pub fn new<P: Into<Place>>(
        list: List,
        items: impl IntoIterator<Item = (Node, P)>,
        has_previous: bool,
        has_next: bool,
        total: u64,
    ) -> Self {
        let edge = |(node, place): (Node, P)| Edge { node, list: list.clone(), place: place.into() };
        Self { edges: items.into_iter().map(edge).collect(), list, has_previous, has_next, end: None, total }
    }

    /// Says after which place to go on, where it is not after the last item.
    pub fn end_at(&mut self, place: Place) {
        self.end = Some(place);
    }

    /// The items with their places.
    pub fn items(&self) -> Items<&Edge<Node>> {
        Items(self.edges.iter().collect())
    }

    /// The items alone.
    pub fn item_nodes(&self) -> Items<&Node> {
        Items(self.edges.iter().map(|edge| &edge.node).collect())
    }

    /// Number of items in the whole list.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Where the window begins and ends.
    pub fn bounds(&self) -> PageInfo {
        let first = self.edges.first().map(|edge| edge.place);
        let last = self.end.or_else(|| self.edges.last().map(|edge| edge.place));
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: first.map(|place| self.list.seal(place)),
            end_cursor: last.map(|place| self.list.seal(place)),
        }
    }
}

/// A list that windows are cut out of: its name, with everything that makes it another list.
#[derive(Clone)]
pub struct List(Arc<Named>);

struct Named {
    name: String,
    filter: Filter,
    order: String,
    /// Name with a hash of the rest: made when the first cursor is, and most windows are read without any.
    key: OnceLock<String>,
}

impl List {
    /// List with this name, for a filter and an order that windows of it keep.
    pub fn new(name: impl Into<String>, filter: &Filter, order: impl Debug) -> Self {
        let (filter, order) = (filter.clone(), format!("{order:?}"));
        Self(Arc::new(Named { name: name.into(), filter, order, key: OnceLock::new() }))
    }

    fn key(&self) -> &str {
        let Named { name, filter, order, key } = &*self.0;
        key.get_or_init(|| {
            let conditions = format!("{:?}/{order}", filter.clauses());
            format!("{name}{}", &blake3::hash(conditions.as_bytes()).to_hex()[..16])
        })
    }

    /// Cuts a window out of the list: `first` items after the cursor.
    ///
    /// # Errors
    /// When `first` is out of bounds, or the cursor is none of this list.
    pub fn connection<Node>(
        self,
        first: i32,
        after: Option<String>,
        window: impl FnOnce(Option<i64>, usize) -> Window,
        node: impl Fn(i64) -> Option<Node>,
    ) -> Result<Connection<Node>> {
        check_first(first, MAX_FIRST)?;
        let after = after.map(|cursor| self.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let Window { ids, has_previous, has_next, total } = window(after, first as usize);
        let items = ids.into_iter().filter_map(|id| Some((node(id)?, id)));
        Ok(Connection::new(self, items, has_previous, has_next, total))
    }

    /// A cursor is of use in its own list alone, and shows when it was altered.
    fn seal(&self, Place { id, mark }: Place) -> String {
        let place = mark.map_or_else(|| id.to_string(), |mark| format!("{id}.{mark:016x}"));
        let seal = &blake3::hash(format!("{}:{place}", self.key()).as_bytes()).to_hex()[..8];
        BASE64_URL_SAFE_NO_PAD.encode(format!("{place}:{seal}"))
    }

    /// Place that a cursor of this list is of.
    pub fn open(&self, cursor: &str) -> Option<i64> {
        self.open_place(cursor).map(|place| place.id)
    }

    /// The same with what else must be so there.
    pub fn open_place(&self, cursor: &str) -> Option<Place> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let place = text.split_once(':')?.0;
        let place = match place.split_once('.') {
            Some((id, mark)) => {
                Place { id: id.parse().ok()?, mark: Some(u64::from_str_radix(mark, 16).ok()?) }
            }
            None => place.parse::<i64>().ok()?.into(),
        };
        (self.seal(place) == cursor).then_some(place)
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
