//! Kind of a change, derived from the states before and after.

use entities::{change::Kind, page::Lifecycle};

use crate::{
    model::{Client, Organization, Page, Record},
    snapshot::Snapshot,
};

/// Kind of the change from the state in `snapshot` to `after`; `None` when nothing changes.
pub(super) fn of(snapshot: &Snapshot, after: &Record) -> Option<Kind> {
    let id = after.id();
    match after {
        Record::Organization(after) => match snapshot.organization(id) {
            None => Some(Kind::Created),
            Some(before) => (before != after).then(|| organization(before, after)),
        },
        Record::Page(after) => match snapshot.page(id) {
            None if after.lifecycle == Lifecycle::Registered => Some(Kind::Registered),
            None => Some(Kind::Created),
            Some(before) => (before != after).then(|| page(before, after)),
        },
        Record::ImportJob(_) => Some(Kind::Updated),
        Record::Statistics(_) => Some(Kind::StatisticsRecorded),
        Record::Client(after) if is_revoked(snapshot, after) => Some(Kind::Revoked),
        _ => match snapshot.record(after.subject_type(), id) {
            None => Some(Kind::Created),
            Some(before) => (before != *after).then_some(Kind::Updated),
        },
    }
}

/// Whether a client is revoked that was not.
fn is_revoked(snapshot: &Snapshot, after: &Client) -> bool {
    let before = snapshot.clients().get(&after.id);
    before.is_some_and(|before| before.revoked_at.is_none()) && after.revoked_at.is_some()
}

fn organization(before: &Organization, after: &Organization) -> Kind {
    // The type of the organization in the API: no copy may miss its change, whatever else changes with it.
    if before.kind != after.kind {
        Kind::KindChanged
    } else if before.status != after.status {
        Kind::StatusChanged
    } else if before.name != after.name {
        Kind::Renamed
    } else if before.parent_id != after.parent_id {
        Kind::Moved
    } else {
        Kind::Updated
    }
}

fn page(before: &Page, after: &Page) -> Kind {
    match (before.lifecycle, after.lifecycle) {
        (before, after) if before == after => {}
        (Lifecycle::Archived | Lifecycle::Compromised, Lifecycle::Registered | Lifecycle::UnderReview) => {
            return Kind::Restored;
        }
        (_, Lifecycle::Registered) => return Kind::Registered,
        (_, Lifecycle::Rejected) => return Kind::Rejected,
        (_, Lifecycle::Archived) => return Kind::Archived,
        (_, Lifecycle::Compromised) => return Kind::Compromised,
        _ => return Kind::StatusChanged,
    }
    if before.owner_id != after.owner_id {
        Kind::Moved
    } else if before.handle != after.handle {
        Kind::Renamed
    } else if before.mark != after.mark {
        Kind::MarkChanged
    } else {
        Kind::Updated
    }
}
