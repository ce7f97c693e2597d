//! Orders of lists: their fields and directions, places in them, and walks along them. Names have an order of their own.

use std::{
    cmp::Ordering,
    ops::Bound::{self, Excluded, Unbounded},
};

use chrono::{DateTime, Utc};
use imbl::OrdSet;
use roaring::RoaringBitmap;

use super::{
    facet_keys::{day_number, second_number},
    sets::{MAX_ID, bit},
};
use crate::{
    calendar::TimeZone,
    model::{Figures, Page},
};

/// Order of a list. Items without a value are last in both directions; items with equal values are by id, in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Order<Field> {
    pub field: Field,
    pub direction: Direction,
}

/// Order of a list of organizations.
pub type OrganizationOrder = Order<OrganizationField>;
/// Order of a list of pages.
pub type PageOrder = Order<PageField>;

/// Direction of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

/// What a list of organizations is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OrganizationField {
    #[default]
    Entry,
    Name,
    UpdatedAt,
    Audience,
    DaysOverdue,
}

/// What a list of pages is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PageField {
    #[default]
    Entry,
    Title,
    RegisteredAt,
    Subscribers,
    UpdatedAt,
    LastPostOn,
}

impl Direction {
    /// The order of two values in this direction, from their ascending one.
    pub(crate) fn of(self, ascending: Ordering) -> Ordering {
        match self {
            Self::Ascending => ascending,
            Self::Descending => ascending.reverse(),
        }
    }

    /// The order of two numbers in this direction; unknown ones are last.
    pub(crate) fn compare(self, left: Option<i64>, right: Option<i64>) -> Ordering {
        match (left, right) {
            (Some(left), Some(right)) => self.of(left.cmp(&right)),
            (left, right) => left.is_none().cmp(&right.is_none()),
        }
    }
}

/// Place of an item in a list. It stays where it is when the item's number changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Id of the item.
    pub id: i64,
    /// Number by which the list is ordered; `None` if it is unknown, or the list is ordered by name or by entry.
    pub value: Option<i64>,
}

impl From<i64> for Place {
    fn from(id: i64) -> Self {
        Self { id, value: None }
    }
}

/// Places along an order.
pub(crate) type Walk<'a> = Box<dyn Iterator<Item = Place> + 'a>;

/// Where a walk along an order starts, and whether it runs against the order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// The walk begins after this place; `None` for an end of the order.
    pub(crate) from: Option<Place>,
    pub(crate) is_backward: bool,
}

impl Start {
    /// Whether values rise along the walk.
    pub(crate) fn is_upward(self, direction: Direction) -> bool {
        (direction == Direction::Ascending) != self.is_backward
    }
}

/// Key of records without a number.
const UNKNOWN: i64 = i64::MIN;
/// Key between the records without and those with a number.
const MIDDLE: (i64, u32) = (UNKNOWN, u32::MAX);

/// Ids in the order of a number.
#[derive(Clone, Default)]
pub(crate) struct NumberOrder(OrdSet<(i64, u32)>);

impl NumberOrder {
    pub(crate) fn build(numbers: impl Iterator<Item = (i64, Option<i64>)>) -> Self {
        let mut entries: Vec<_> = numbers.map(|(id, number)| Self::entry(id, number)).collect();
        entries.sort_unstable();
        Self(entries.into_iter().collect())
    }

    fn entry(id: i64, number: Option<i64>) -> (i64, u32) {
        (number.unwrap_or(UNKNOWN), bit(id))
    }

    /// Sets the number of a record; `before` is `None` for a new record.
    pub(crate) fn replace(&mut self, id: i64, before: Option<Option<i64>>, after: Option<i64>) {
        if before == Some(after) {
            return;
        }
        if let Some(before) = before {
            self.0.remove(&Self::entry(id, before));
        }
        self.0.insert(Self::entry(id, after));
    }

    /// Walks in a direction. Records without a number have the lowest key, so that only rising numbers need two parts.
    pub(crate) fn walk(&self, direction: Direction, start: Start) -> Walk<'_> {
        let key = |place: Place| (place.value.unwrap_or(UNKNOWN), bit(place.id.clamp(0, MAX_ID)));
        let from = start.from.map(key);
        let end = |from: Option<(i64, u32)>| from.map_or(Unbounded, Excluded);
        match (direction, start.is_backward, from) {
            (Direction::Descending, false, from) => Box::new(self.falling(Unbounded, end(from))),
            (Direction::Descending, true, from) => Box::new(self.rising(end(from), Unbounded)),
            (Direction::Ascending, false, Some(from)) if from < MIDDLE => {
                Box::new(self.rising(Excluded(from), Excluded(MIDDLE)))
            }
            (Direction::Ascending, false, from) => {
                let known = self.rising(Excluded(from.unwrap_or(MIDDLE)), Unbounded);
                Box::new(known.chain(self.rising(Unbounded, Excluded(MIDDLE))))
            }
            (Direction::Ascending, true, Some(from)) if from > MIDDLE => {
                Box::new(self.falling(Excluded(MIDDLE), Excluded(from)))
            }
            (Direction::Ascending, true, from) => {
                let unknown = self.falling(Unbounded, Excluded(from.unwrap_or(MIDDLE)));
                Box::new(unknown.chain(self.falling(Excluded(MIDDLE), Unbounded)))
            }
        }
    }

    /// Removes a record with this number.
    pub(crate) fn remove(&mut self, id: i64, number: Option<i64>) {
        self.0.remove(&Self::entry(id, number));
    }

    fn rising(&self, first: Bound<(i64, u32)>, last: Bound<(i64, u32)>) -> impl Iterator<Item = Place> {
        self.0.range((first, last)).map(place)
    }

    fn falling(&self, first: Bound<(i64, u32)>, last: Bound<(i64, u32)>) -> impl Iterator<Item = Place> {
        self.0.range((first, last)).rev().map(place)
    }

    /// Ids with a number from `first` to `last`, both included.
    pub(crate) fn between(&self, first: i64, last: i64) -> RoaringBitmap {
        if first > last {
            return RoaringBitmap::new();
        }
        self.0.range((first, 0)..=(last, u32::MAX)).map(|(_, id)| *id).collect()
    }
}

fn place((number, id): &(i64, u32)) -> Place {
    Place { id: i64::from(*id), value: Some(*number).filter(|number| *number != UNKNOWN) }
}

/// Walks in a direction along sets of ids by their number; sets without any of `among` are passed over.
pub(crate) fn walk_sets<'a>(
    sets: &[(Option<i64>, &'a RoaringBitmap)],
    among: &'a RoaringBitmap,
    direction: Direction,
    start: Start,
) -> Walk<'a> {
    let is_ahead = |number: Option<i64>| {
        let Some(from) = start.from else { return true };
        let ordering = direction.compare(number, from.value);
        if start.is_backward { ordering.is_le() } else { ordering.is_ge() }
    };
    let mut sets: Vec<_> = sets.iter().copied().filter(|(number, _)| is_ahead(*number)).collect();
    sets.sort_by(|(left, _), (right, _)| direction.compare(*left, *right));
    if start.is_backward {
        sets.reverse();
    }
    let sets = sets.into_iter().filter(move |(_, set)| !set.is_disjoint(among));
    Box::new(sets.flat_map(move |(value, set)| {
        let from = start.from.filter(|from| from.value == value).map(|from| from.id);
        ids(set, from, start.is_upward(direction)).map(move |id| Place { id, value })
    }))
}

/// Ids of a set from one of them, upwards or downwards.
pub(crate) fn ids(
    set: &RoaringBitmap,
    from: Option<i64>,
    is_upward: bool,
) -> Box<dyn Iterator<Item = i64> + '_> {
    let from = from.map(|id| bit(id.clamp(0, MAX_ID)));
    match (is_upward, from) {
        (true, None) => Box::new(set.iter().map(i64::from)),
        (true, Some(from)) => Box::new(set.range(from + 1..).map(i64::from)),
        (false, None) => Box::new(set.iter().rev().map(i64::from)),
        (false, Some(from)) => Box::new(set.range(..from).rev().map(i64::from)),
    }
}

/// Number of the time of registration, in microseconds.
pub(crate) fn registered(page: &Page) -> Option<i64> {
    page.registered_at.map(|at| at.timestamp_micros())
}

/// Latest number of subscribers.
pub(crate) fn subscribers(figures: Option<&Figures>) -> Option<i64> {
    figures?.subscribers.map(i64::from)
}

/// Number of the day of the last post, in the time zone.
pub(crate) fn last_post_on(zone: TimeZone, figures: Option<&Figures>) -> Option<i64> {
    figures?.last_post_at.map(|at| day_number(zone.day_of(at)).into())
}

/// Number of the time of the last change, in seconds.
pub(crate) fn updated(at: DateTime<Utc>) -> Option<i64> {
    Some(second_number(at).into())
}

/// The first `count` places of a walk whose ids are in the set.
pub(crate) fn first_in(walk: Walk<'_>, set: &RoaringBitmap, count: usize) -> Vec<Place> {
    walk.filter(|place| set.contains(bit(place.id))).take(count).collect()
}
