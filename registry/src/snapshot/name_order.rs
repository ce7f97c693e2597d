//! The order of names, collated for Russian and English.

use std::{
    borrow::Cow,
    cmp::Ordering,
    sync::{Arc, LazyLock},
};

use icu_collator::{
    Collator, CollatorBorrowed, CollatorPreferences,
    options::{AlternateHandling, CollatorOptions, MaxVariable},
    preferences::CollationNumericOrdering,
};
use icu_locale_core::locale;
use imbl::OrdSet;

use super::{
    order::{Direction, Place, Start, Walk},
    sets::bit,
};
use crate::model::{Organization, Page};

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

/// Compares names by this collation. The keys of [`NameOrder::build`] have the same order.
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
                let Ok(()) = COLLATOR.write_sort_key_to(&without_number_signs(record.name()), &mut key);
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

    /// Walks in a direction from the record with the id of a place, wherever its name is now.
    pub(crate) fn walk<'a>(
        &'a self,
        direction: Direction,
        start: Start,
        record: impl Fn(i64) -> Option<&'a Arc<T>>,
    ) -> Walk<'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = start.from.and_then(|place| Some(Self::entry(place.id, record(place.id)?)));
        let from = from.map_or(Unbounded, Excluded);
        let place = |entry: &ByName<T>| Place::from(i64::from(entry.id));
        match start.is_upward(direction) {
            true => Box::new(self.0.range((from, Unbounded)).map(place)),
            false => Box::new(self.0.range((Unbounded, from)).rev().map(place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    struct Name(String);

    impl Named for Name {
        fn name(&self) -> &str {
            &self.0
        }
    }

    /// Ids in the order of names, as one reads them three at a time.
    fn read(order: &NameOrder<Name>, records: &[Arc<Name>]) -> Vec<i64> {
        let record = move |id: i64| records.get(usize::try_from(id).ok()?);
        let (mut ids, mut from) = (Vec::new(), None);
        // An order that repeats ids would not end.
        while ids.len() <= records.len() {
            let start = Start { from, is_backward: false };
            let part: Vec<Place> = order.walk(Direction::Ascending, start, record).take(3).collect();
            ids.extend(part.iter().map(|place| place.id));
            match part.last() {
                Some(last) => from = Some(*last),
                None => break,
            }
        }
        ids
    }

    fn sorted(records: &[Arc<Name>]) -> Vec<i64> {
        let mut named: Vec<(i64, &Arc<Name>)> = (0..).zip(records).collect();
        named.sort_by(|(left_id, left), (right_id, right)| {
            collate(left.name(), right.name()).then(left_id.cmp(right_id))
        });
        named.into_iter().map(|(id, _)| id).collect()
    }

    /// Builds the order of these names, then gives each record the name of the next one.
    fn keeps_its_order(names: &[String]) {
        let mut records: Vec<Arc<Name>> = names.iter().map(|name| Arc::new(Name(name.clone()))).collect();
        let mut order = NameOrder::build((0..).zip(&records));
        assert_eq!(read(&order, &records), sorted(&records), "{names:?}");
        for index in 0..names.len() {
            let renamed = Arc::new(Name(names[(index + 1) % names.len()].clone()));
            let before = std::mem::replace(&mut records[index], renamed);
            order.replace(id_of(index), Some(&before), &records[index]);
            assert_eq!(order.0.len(), names.len(), "{names:?}: {index}");
        }
        assert_eq!(read(&order, &records), sorted(&records), "{names:?}");
    }

    fn id_of(index: usize) -> i64 {
        i64::try_from(index).expect("a small number")
    }

    #[test]
    fn records_with_number_signs_are_found_where_they_were_put() {
        let name = |number: usize| match number % 4 {
            0 => format!("Школа № {number}"),
            1 => format!("Школа {number}"),
            2 => format!("Школа имени героя {number}"),
            _ => format!("Школа №{} № {number}", number % 7),
        };
        keeps_its_order(&(0..600).map(name).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn an_order_that_was_built_is_that_of_the_collation(
            names in vec(
                vec(select(vec!["Школа", "№", " ", "2", "10", "02", "имени", "Н", "н", "No", "«", "»", "—", "Ё", "е"]), 0..6)
                    .prop_map(|parts| parts.concat()),
                1..40,
            ),
        ) {
            keeps_its_order(&names);
        }
    }

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
