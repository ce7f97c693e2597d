//! Merging a new state into a record: fields whose source outranks that of the new state keep their values.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{dependent::Dependent, field::RecordField, precedence::Precedence};
use crate::{
    author::Author,
    model::{FieldSource, SourceRank, remove_source, set_source},
};

/// Where values come from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Rank of the source.
    pub rank: SourceRank,
    /// Name of the source.
    pub source: &'a str,
    /// When it gives them.
    pub at: DateTime<Utc>,
}

impl<'a> Origin<'a> {
    /// What an author writes.
    pub fn of(author: &'a Author, at: DateTime<Utc>) -> Self {
        Self { rank: author.rank(), source: author.name(), at }
    }

    /// What an import gives.
    pub fn import(source: &'a str, at: DateTime<Utc>) -> Self {
        Self { rank: SourceRank::Import, source, at }
    }
}

/// A value that a field did not get.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Difference<F> {
    pub field: F,
    /// Field whose source outranks that of the value: the field itself, or one that it depends on.
    pub pinned_by: F,
    pub proposed: Value,
}

/// Sets the source of a field. A field of the record's own source, as an import gives it, has no entry.
pub fn set_field_source<F: RecordField>(record: &mut F::Of, field: F, origin: Origin<'_>) {
    let Origin { rank, source, at } = origin;
    if rank == SourceRank::Import && F::source(record) == source {
        remove_source(F::sources_mut(record), field.name());
        return;
    }
    let entry = FieldSource { field: field.name().into(), rank, source: source.into(), at };
    set_source(F::sources_mut(record), entry);
}

/// Merges the new state of a record into the known one. Each field whose source outranks that of the new state keeps
/// its value; the others get the new values, and with them their source. Returns the values that were not taken.
pub fn merge<F: Dependent>(
    precedence: Precedence<'_>,
    known: &F::Of,
    incoming: &F::Of,
    origin: Origin<'_>,
) -> (F::Of, Vec<Difference<F>>) {
    let pins = |field: F| precedence.pins(field, known, origin.rank);
    let mut merged = incoming.clone();
    let mut kept: Vec<(F, F)> =
        changed::<F>(known, incoming).into_iter().filter(|field| pins(*field)).map(|it| (it, it)).collect();
    kept.iter().for_each(|(field, _)| field.copy(known, &mut merged));
    for (field, pinned_by) in F::dependents(known, &merged, &kept, pins) {
        let is_kept = kept.iter().any(|(other, _)| *other == field);
        if !is_kept && field.differs(known, &merged) {
            field.copy(known, &mut merged);
            kept.push((field, pinned_by));
        }
    }
    F::tidy(known, incoming, &mut merged);
    for field in changed::<F>(known, &merged) {
        set_field_source(&mut merged, field, origin);
    }
    drop_own::<F>(&mut merged);
    let difference = |(field, pinned_by): (F, F)| {
        let is_other = field.differs(known, incoming);
        is_other.then(|| Difference { field, pinned_by, proposed: field.value(incoming) })
    };
    (merged, kept.into_iter().filter_map(difference).collect())
}

fn changed<F: RecordField>(known: &F::Of, other: &F::Of) -> Vec<F> {
    F::EACH.iter().copied().filter(|field| field.differs(known, other)).collect()
}

/// Drops entries of fields that are of the record's own source: it may have another source now.
fn drop_own<F: RecordField>(record: &mut F::Of) {
    if F::sources(record).is_empty() {
        return;
    }
    let own = F::source(record).to_owned();
    F::sources_mut(record).retain(|it| it.rank != SourceRank::Import || *it.source != *own);
}

#[cfg(test)]
mod tests {
    use entities::page::{Availability, Lifecycle, Widget};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::{MarkState, Page},
        provenance::PageFieldName,
        snapshot::Snapshot,
    };

    const FIELDS: [PageFieldName; 3] =
        [PageFieldName::Title, PageFieldName::OfficeTitle, PageFieldName::Languages];

    fn page() -> Page {
        Page {
            id: 1,
            platform_id: 1,
            native_id: Some("1".into()),
            handle: None,
            title: "".into(),
            page_type: None,
            owner_id: 1,
            co_owners: Vec::new(),
            office_title: None,
            languages: Vec::new(),
            category: None,
            lifecycle: Lifecycle::Registered,
            lifecycle_at: None,
            availability: Availability::Unknown,
            availability_checked_at: None,
            mark: MarkState::NONE,
            widget: Widget::NotRequired,
            widget_checked_at: None,
            rejection: None,
            aliases: Vec::new(),
            source: "test".into(),
            field_sources: Vec::new(),
            registered_at: None,
            valid_from: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn set(page: &mut Page, index: usize, value: u8) {
        let text: Box<str> = value.to_string().into();
        match index {
            0 => page.title = text,
            1 => page.office_title = Some(text),
            _ => page.languages = vec![text],
        }
    }

    fn correct(page: &mut Page, field: PageFieldName) {
        let origin = Origin { rank: SourceRank::Operator, source: "operator", at: DateTime::UNIX_EPOCH };
        set_field_source(page, field, origin);
    }

    fn import(source: &str, known: &Page, incoming: &Page) -> (Page, Vec<Difference<PageFieldName>>) {
        let origin = Origin::import(source, DateTime::UNIX_EPOCH);
        merge(Precedence::of(&Snapshot::default()), known, incoming, origin)
    }

    #[derive(Clone, Debug)]
    enum Event {
        /// An operator corrects one of the fields.
        Correction(usize, u8),
        /// An import gives values for all of them.
        Import([u8; 3]),
    }

    fn event() -> impl Strategy<Value = Event> {
        let correction = (0..3_usize, any::<u8>()).prop_map(|(index, value)| Event::Correction(index, value));
        prop_oneof![correction, any::<[u8; 3]>().prop_map(Event::Import)]
    }

    proptest! {
        #[test]
        fn each_corrected_field_has_its_last_correction(events in prop::collection::vec(event(), 0..40)) {
            let (mut page, mut last) = (page(), [None; 3]);
            for event in events {
                let values = match event {
                    Event::Correction(index, value) => {
                        set(&mut page, index, value);
                        correct(&mut page, FIELDS[index]);
                        last[index] = Some(value);
                        continue;
                    }
                    Event::Import(values) => values,
                };
                let mut incoming = page.clone();
                values.iter().enumerate().for_each(|(index, value)| set(&mut incoming, index, *value));
                let (merged, differences) = import("test", &page, &incoming);
                for (index, field) in FIELDS.into_iter().enumerate() {
                    let mut expected = page.clone();
                    set(&mut expected, index, last[index].unwrap_or(values[index]));
                    prop_assert!(!field.differs(&merged, &expected));
                    let is_reported = differences.iter().any(|it| it.field == field);
                    prop_assert_eq!(is_reported, last[index].is_some_and(|last| last != values[index]));
                }
                page = merged;
            }
        }
    }

    #[test]
    fn a_pinned_co_owner_does_not_become_the_owner() {
        let mut known = Page { co_owners: vec![2], ..page() };
        correct(&mut known, PageFieldName::CoOwners);
        let incoming = Page { owner_id: 2, co_owners: Vec::new(), ..known.clone() };
        let (merged, differences) = import("test", &known, &incoming);
        assert_eq!((merged.owner_id, merged.co_owners.as_slice()), (1, [2].as_slice()));
        let held = differences.iter().map(|it| (it.field, it.pinned_by));
        let co_owners = PageFieldName::CoOwners;
        assert_eq!(held.collect::<Vec<_>>(), [(co_owners, co_owners), (PageFieldName::Owner, co_owners)]);
    }

    #[test]
    fn a_field_that_another_source_changes_has_its_source_until_the_record_s_own_changes_it() {
        let known = page();
        let (merged, _) = import("another", &known, &Page { title: "x".into(), ..known.clone() });
        let sources: Vec<_> =
            merged.field_sources.iter().map(|it| (&*it.field, it.rank, &*it.source)).collect();
        assert_eq!(sources, [("title", SourceRank::Import, "another")]);
        let (merged, _) = import("test", &merged, &Page { title: "y".into(), ..merged.clone() });
        assert_eq!((&*merged.title, merged.field_sources.len()), ("y", 0));
    }
}
