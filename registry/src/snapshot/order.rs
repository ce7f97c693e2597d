//! Sort orders other than by id: names collated for Russian and English, dates, subscribers.

use std::{
    borrow::Cow,
    cmp::Ordering,
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, Utc};
use icu_collator::{
    Collator, CollatorBorrowed, CollatorPreferences,
    options::{AlternateHandling, CollatorOptions, MaxVariable},
    preferences::CollationNumericOrdering,
};
use icu_locale_core::locale;
use imbl::OrdSet;
use roaring::RoaringBitmap;

use super::{facet_keys::second_number, sets::bit};
use crate::model::{Figures, Organization, Page};

/// Order of a list of organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OrganizationOrder {
    Entry,
    Name,
}

/// Order of a list of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PageOrder {
    Entry,
    Title,
    Newest,
    Oldest,
    MostSubscribers,
}

/// Russian collation, numbers by their value: “School 2” before “School 10”. Spaces and punctuation are ignored:
/// «Ромашка» is beside Ромашка, "School № 2" before "School 10".
static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let mut preferences: CollatorPreferences = locale!("ru").into();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    let mut options = CollatorOptions::default();
    options.alternate_handling = Some(AlternateHandling::Shifted);
    options.max_variable = Some(MaxVariable::Symbol);
    Collator::try_new(preferences, options).expect("collation data is compiled in")
});

/// Compares names by this collation.
pub fn collate(left: &str, right: &str) -> Ordering {
    COLLATOR.compare(&without_number_signs(left), &without_number_signs(right))
}

/// The collator treats "№" as the letters "No".
fn without_number_signs(name: &str) -> Cow<'_, str> {
    if name.contains('№') { Cow::Owned(name.replace('№', " ")) } else { Cow::Borrowed(name) }
}

/// Record with a name to sort by.
pub(crate) trait Named {
    fn name(&self) -> &str;
}

impl Named for Organization {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Page {
    fn name(&self) -> &str {
        &self.title
    }
}

/// A record in the order of names, with its id.
pub(crate) struct ByName<T> {
    id: u32,
    /// Rank in the initial sort, from 1; 0 for a record added later.
    rank: u32,
    record: Arc<T>,
}

impl<T> Clone for ByName<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, rank: self.rank, record: self.record.clone() }
    }
}

impl<T: Named> Ord for ByName<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.rank, other.rank) {
            (0, _) | (_, 0) => collate(self.record.name(), other.record.name()).then(self.id.cmp(&other.id)),
            (left, right) => left.cmp(&right),
        }
    }
}

impl<T: Named> PartialOrd for ByName<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Named> PartialEq for ByName<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Named> Eq for ByName<T> {}

/// Ids in the order of names.
pub(crate) struct NameOrder<T>(OrdSet<ByName<T>>);

impl<T> Clone for NameOrder<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for NameOrder<T> {
    fn default() -> Self {
        Self(OrdSet::new())
    }
}

impl<T: Named> NameOrder<T> {
    /// Sorts by collation keys: comparing bytes is many times faster than comparing names.
    pub(crate) fn build<'a>(records: impl Iterator<Item = (i64, &'a Arc<T>)>) -> Self
    where
        T: 'a,
    {
        let mut keyed: Vec<_> = records
            .map(|(id, record)| {
                let mut key = Vec::with_capacity(64);
                let Ok(()) = COLLATOR.write_sort_key_to(record.name(), &mut key);
                (key.into_boxed_slice(), bit(id), record.clone())
            })
            .collect();
        keyed.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(&right.1)));
        let ranked = (1..).zip(keyed).map(|(rank, (_, id, record))| ByName { id, rank, record });
        Self(ranked.collect())
    }

    fn entry(id: i64, record: &Arc<T>) -> ByName<T> {
        ByName { id: bit(id), rank: 0, record: record.clone() }
    }

    pub(crate) fn replace(&mut self, id: i64, before: Option<&Arc<T>>, after: &Arc<T>) {
        if let Some(before) = before {
            self.0.remove(&Self::entry(id, before));
        }
        self.0.insert(Self::entry(id, after));
    }

    /// Ids after this record, or all ids.
    pub(crate) fn after(&self, position: Option<(i64, &Arc<T>)>) -> impl Iterator<Item = u32> {
        use std::ops::Bound::{Excluded, Unbounded};
        let start = match position {
            Some((id, record)) => Excluded(Self::entry(id, record)),
            None => Unbounded,
        };
        self.0.range((start, Unbounded)).map(|entry| entry.id)
    }
}

/// Ids in the order of a number.
#[derive(Clone, Default)]
pub(crate) struct NumberOrder(OrdSet<(i64, u32)>);

impl NumberOrder {
    pub(crate) fn build(mut entries: Vec<(i64, u32)>) -> Self {
        entries.sort_unstable();
        Self(entries.into_iter().collect())
    }

    pub(crate) fn replace(&mut self, id: i64, before: Option<i64>, after: i64) {
        if before == Some(after) {
            return;
        }
        if let Some(before) = before {
            self.0.remove(&(before, bit(id)));
        }
        self.0.insert((after, bit(id)));
    }

    pub(crate) fn remove(&mut self, id: i64, number: i64) {
        self.0.remove(&(number, bit(id)));
    }

    pub(crate) fn upwards(&self, after: Option<(i64, u32)>) -> impl Iterator<Item = u32> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.0.range((after.map_or(Unbounded, Excluded), Unbounded)).map(|(_, id)| *id)
    }

    pub(crate) fn downwards(&self, before: Option<(i64, u32)>) -> impl Iterator<Item = u32> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.0.range((Unbounded, before.map_or(Unbounded, Excluded))).rev().map(|(_, id)| *id)
    }

    /// Ids with a number from `first` to `last`, both included.
    pub(crate) fn between(&self, first: i64, last: i64) -> RoaringBitmap {
        if first > last {
            return RoaringBitmap::new();
        }
        self.0.range((first, 0)..=(last, u32::MAX)).map(|(_, id)| *id).collect()
    }
}

/// Sort key by registration time, in microseconds; pages not yet registered come last.
pub(crate) fn registered(page: &Page) -> i64 {
    page.registered_at.map_or(i64::MAX, |at| at.timestamp_micros())
}

/// Sort key by subscribers; -1, the lowest, if the number is unknown.
pub(crate) fn subscribers(figures: Option<&Figures>) -> i64 {
    figures.and_then(|figures| figures.subscribers).map_or(-1, i64::from)
}

/// Sort key by the last change, in seconds.
pub(crate) fn updated(at: DateTime<Utc>) -> i64 {
    second_number(at).into()
}

/// The first `count` ids of `walk` that are in the set.
pub(crate) fn first_in(walk: impl Iterator<Item = u32>, set: &RoaringBitmap, count: usize) -> Vec<i64> {
    walk.filter(|id| set.contains(*id)).take(count).map(i64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_letters_and_numbers_and_not_by_signs() {
        let mut names = [
            "Школа № 10",
            "«Ромашка», детский сад",
            "\"Яблоко\"",
            "Школа №2",
            "Администрация",
            "(Бывший) архив",
            "Школа — 3",
            "Ёлка",
            "Детский сад № 1",
        ];
        names.sort_by(|one, other| collate(one, other));
        let expected = [
            "Администрация",
            "(Бывший) архив",
            "Детский сад № 1",
            "Ёлка",
            "«Ромашка», детский сад",
            "Школа №2",
            "Школа — 3",
            "Школа № 10",
            "\"Яблоко\"",
        ];
        assert_eq!(names, expected);
    }
}
