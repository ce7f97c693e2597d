//! Windows of lists: at most so many items from a place, along an order or among sorted ones.

use std::cmp::Ordering;

use super::View;
use crate::snapshot::{
    Direction, Place, Selection, collate,
    order::{Start, Walk, first_in, ids},
};

/// Part of a list that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The items are those that follow this place, or, backwards, those that precede it; `None` for an end of the list.
    pub from: Option<Place>,
    /// Maximum number of items.
    pub count: usize,
    /// Whether the items are the last ones before the place; their order is the same.
    pub is_backward: bool,
}

impl Slice {
    /// The whole list.
    pub const ALL: Self = Self { from: None, count: usize::MAX - 1, is_backward: false };
}

/// One window of a list.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Window {
    /// Items in the order of the list.
    pub items: Vec<Place>,
    pub has_previous: bool,
    pub has_next: bool,
    /// Number of items in the whole list.
    pub total: u64,
}

impl Window {
    /// Ids of the items.
    pub fn ids(self) -> Vec<i64> {
        self.items.into_iter().map(|place| place.id).collect()
    }
}

/// What an item is sorted by.
pub(super) enum Key<'a> {
    Name(&'a str),
    /// `None` if it is unknown.
    Number(Option<i64>),
}

impl Key<'_> {
    fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        match (self, other) {
            (Self::Name(left), Self::Name(right)) => direction.of(collate(left, right)),
            (Self::Number(left), Self::Number(right)) => direction.compare(*left, *right),
            // All keys of a list are of one kind.
            (Self::Name(_), Self::Number(_)) | (Self::Number(_), Self::Name(_)) => Ordering::Equal,
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Name(_) => None,
            Self::Number(number) => *number,
        }
    }
}

/// A window of a list by id.
pub(super) fn by_entry(selection: &Selection, direction: Direction, slice: Slice) -> Window {
    walked(selection, slice, |start| {
        let from = start.from.map(|place| place.id);
        Box::new(ids(selection.bits(), from, start.is_upward(direction)).map(Place::from))
    })
}

/// A window of a list that is read along an order.
pub(super) fn walked<'a>(selection: &Selection, slice: Slice, walk: impl Fn(Start) -> Walk<'a>) -> Window {
    let Slice { from, count, is_backward } = slice;
    let (total, bits) = (selection.len(), selection.bits());
    let mut items = first_in(walk(Start { from, is_backward }), bits, count + 1);
    let has_more = items.len() > count;
    items.truncate(count);
    let is_skipped = match (from, items.first()) {
        // The walk began at an end of the list.
        (None, _) => false,
        (Some(_), None) => !selection.is_empty(),
        // The item that the place is of may have left the list, or moved.
        (Some(_), Some(first)) => {
            let back = Start { from: Some(*first), is_backward: !is_backward };
            !first_in(walk(back), bits, 1).is_empty()
        }
    };
    if is_backward {
        items.reverse();
        return Window { items, has_previous: has_more, has_next: is_skipped, total };
    }
    Window { items, has_previous: is_skipped, has_next: has_more, total }
}

/// A window of a list that is sorted for the request.
pub(super) fn sorted<'a>(
    selection: &Selection,
    direction: Direction,
    slice: Slice,
    key: impl Fn(i64) -> Key<'a>,
) -> Window {
    let compare = |(left, left_id): &(Key<'a>, i64), (right, right_id): &(Key<'a>, i64)| {
        left.compare(right, direction).then(direction.of(left_id.cmp(right_id)))
    };
    let mut all: Vec<(Key<'a>, i64)> = selection.after(None).map(|id| (key(id), id)).collect();
    all.sort_by(compare);
    let from = slice.from.map(|place| match key(place.id) {
        Key::Number(_) => (Key::Number(place.value), place.id),
        name @ Key::Name(_) => (name, place.id),
    });
    let (start, end) = if slice.is_backward {
        let end =
            from.map_or(all.len(), |from| all.partition_point(|it| compare(it, &from) == Ordering::Less));
        (end.saturating_sub(slice.count), end)
    } else {
        let start = from.map_or(0, |from| all.partition_point(|it| compare(it, &from) != Ordering::Greater));
        (start, start.saturating_add(slice.count).min(all.len()))
    };
    let items = all[start..end].iter().map(|(key, id)| Place { id: *id, value: key.number() });
    let (has_previous, has_next) = (start > 0, end < all.len());
    Window { items: items.collect(), has_previous, has_next, total: selection.len() }
}

impl View {
    /// Whether a list is read along an order that the snapshot keeps: sorting it for the request would take longer.
    pub(super) fn is_walked(&self, selection: &Selection) -> bool {
        self.as_of.is_none() && selection.len() > SORTED
    }
}

/// Lists up to this length are sorted per request; longer ones are read along a precomputed order.
const SORTED: u64 = 512;

#[cfg(test)]
mod tests;
