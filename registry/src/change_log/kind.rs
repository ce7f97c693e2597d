//! What happened to a subject, read off its states before and after: a kind cannot lie.

use std::sync::Arc;

use entities::{change::Kind, page::Lifecycle};

use crate::{
    model::{Organization, Page, Record},
    snapshot::Snapshot,
};

/// Kind of the change that brings `after` about in `snapshot`; `None` when it changes nothing.
pub(super) fn of(snapshot: &Snapshot, after: &Record) -> Option<Kind> {
    let id = after.id();
    match after {
        Record::Territory(after) => plain(snapshot.territory(id), after),
        Record::Sector(after) => plain(snapshot.sector(id), after),
        Record::IdentifierScheme(after) => plain(snapshot.scheme(id), after),
        Record::Platform(after) => plain(snapshot.platform(id), after),
        Record::Organization(after) => match snapshot.organization(id) {
            Some(before) if before != after => Some(organization(before, after)),
            before => plain(before, after),
        },
        Record::Page(after) => match snapshot.page(id) {
            Some(before) if before != after => Some(page(before, after)),
            None if after.lifecycle == Lifecycle::Registered => Some(Kind::Registered),
            before => plain(before, after),
        },
        Record::ObligationRule(after) => plain(snapshot.obligation_rule(id), after),
        Record::Exemption(after) => plain(snapshot.exemptions().get(&id), after),
        Record::Abbreviation(after) => plain(snapshot.abbreviation(id), after),
        Record::Indicator(after) => plain(snapshot.indicator(id), after),
        Record::Methodology(after) => plain(snapshot.methodology(id), after),
        Record::Rating(after) => plain(snapshot.rating(id), after),
        Record::Pack(after) => plain(snapshot.packs().get(&id), after),
        Record::ImportJob(_) => Some(Kind::Updated),
        Record::Statistics(_) => Some(Kind::StatisticsRecorded),
        Record::Client(after) => match snapshot.clients().get(&id) {
            Some(before) if before.revoked_at.is_none() && after.revoked_at.is_some() => Some(Kind::Revoked),
            before => plain(before, after),
        },
    }
}

fn plain<T: PartialEq>(before: Option<&Arc<T>>, after: &Arc<T>) -> Option<Kind> {
    match before {
        None => Some(Kind::Created),
        Some(before) if before == after => None,
        Some(_) => Some(Kind::Updated),
    }
}

fn organization(before: &Organization, after: &Organization) -> Kind {
    if before.status != after.status {
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
