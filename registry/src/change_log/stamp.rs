//! Stamps a record before it is written: its timestamps. Also checks whether a write would change anything.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::page::Lifecycle;

use super::{change_set::ChangeSet, kind};
use crate::{
    model::{Organization, Page, Record},
    snapshot::Snapshot,
};

/// Timestamp of the last write of the subject.
pub(super) fn updated_at(snapshot: &Snapshot, record: &Record) -> Option<DateTime<Utc>> {
    snapshot.record(record.subject_type(), record.id())?.updated_at()
}

/// The record with the timestamp of the write as `updated_at`, and the timestamp of its last status change.
pub(super) fn stamped(snapshot: &Snapshot, record: Record, at: DateTime<Utc>) -> Record {
    match record {
        Record::Organization(record) => {
            let before = snapshot.organization(record.id);
            let status_at = match before {
                Some(before) if before.status == record.status => before.status_at,
                Some(_) => Some(at),
                None => record.status_at.or(Some(at)),
            };
            Organization { updated_at: at, status_at, ..Arc::unwrap_or_clone(record) }.into()
        }
        Record::Page(record) => {
            let before = snapshot.page(record.id);
            let lifecycle_at = match before {
                Some(before) if before.lifecycle == record.lifecycle => before.lifecycle_at,
                Some(_) => Some(at),
                None => record.lifecycle_at.or(Some(at)),
            };
            let rejection = record.rejection.filter(|_| record.lifecycle == Lifecycle::Rejected);
            let stamped = Page { updated_at: at, lifecycle_at, rejection, ..Arc::unwrap_or_clone(record) };
            in_microseconds(stamped).into()
        }
        record => record.updated_on(at),
    }
}

/// A timestamp that every database can store: in microseconds; a leap second becomes the following second.
pub(super) fn in_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// The page with all timestamps converted by [`in_micros`].
fn in_microseconds(mut page: Page) -> Page {
    let timestamps = [
        &mut page.mark.at,
        &mut page.registered_at,
        &mut page.lifecycle_at,
        &mut page.availability_checked_at,
        &mut page.widget_checked_at,
    ];
    let aliases = page.aliases.iter_mut().flat_map(|alias| [&mut alias.since, &mut alias.until]);
    for at in timestamps.into_iter().chain(aliases).flatten() {
        *at = in_micros(*at);
    }
    page.created_at = in_micros(page.created_at);
    page
}

impl ChangeSet {
    /// Whether upserting the record would change anything.
    pub fn would_change<T: Clone + Into<Record>>(&self, record: &T) -> bool {
        let record = record.clone().into();
        let last = updated_at(self.snapshot(), &record).unwrap_or(self.at);
        kind::of(self.snapshot(), &stamped(self.snapshot(), record, last)).is_some()
    }
}
