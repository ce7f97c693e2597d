//! From what rules put to the record that is written: its times, and whether anything changes.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{change_set::ChangeSet, kind};
use crate::{
    model::{
        Abbreviation, Client, Exemption, IdentifierScheme, ImportJob, Indicator, Methodology, ObligationRule,
        Organization, Pack, Page, Platform, Rating, Record, Sector, Territory,
    },
    snapshot::Snapshot,
};

/// When the subject was last written.
pub(super) fn updated_at(snapshot: &Snapshot, record: &Record) -> Option<DateTime<Utc>> {
    let id = record.id();
    match record {
        Record::Territory(_) => snapshot.territory(id).map(|before| before.updated_at),
        Record::Sector(_) => snapshot.sector(id).map(|before| before.updated_at),
        Record::IdentifierScheme(_) => snapshot.scheme(id).map(|before| before.updated_at),
        Record::Platform(_) => snapshot.platform(id).map(|before| before.updated_at),
        Record::Organization(_) => snapshot.organization(id).map(|before| before.updated_at),
        Record::Page(_) => snapshot.page(id).map(|before| before.updated_at),
        Record::ObligationRule(_) => snapshot.obligation_rule(id).map(|before| before.updated_at),
        Record::Exemption(_) => snapshot.exemptions().get(&id).map(|before| before.updated_at),
        Record::Abbreviation(_) => snapshot.abbreviation(id).map(|before| before.updated_at),
        Record::Indicator(_) => snapshot.indicator(id).map(|before| before.updated_at),
        Record::Methodology(_) => snapshot.methodology(id).map(|before| before.updated_at),
        Record::Client(_)
        | Record::Rating(_)
        | Record::Statistics(_)
        | Record::Pack(_)
        | Record::ImportJob(_) => None,
    }
}

/// The record with the moment of the write as its time of update, and with the time since which it is in its stage.
pub(super) fn settled(snapshot: &Snapshot, record: Record, at: DateTime<Utc>) -> Record {
    macro_rules! stamped {
        ($name:ident, $record:ident) => {
            $name { updated_at: at, ..Arc::unwrap_or_clone($record) }.into()
        };
    }
    match record {
        Record::Territory(record) => stamped!(Territory, record),
        Record::Sector(record) => stamped!(Sector, record),
        Record::IdentifierScheme(record) => stamped!(IdentifierScheme, record),
        Record::Platform(record) => stamped!(Platform, record),
        Record::ObligationRule(record) => stamped!(ObligationRule, record),
        Record::Exemption(record) => stamped!(Exemption, record),
        Record::Abbreviation(record) => stamped!(Abbreviation, record),
        Record::Indicator(record) => stamped!(Indicator, record),
        Record::Methodology(record) => stamped!(Methodology, record),
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
            in_microseconds(Page { updated_at: at, lifecycle_at, ..Arc::unwrap_or_clone(record) }).into()
        }
        Record::Client(_)
        | Record::Rating(_)
        | Record::Statistics(_)
        | Record::Pack(_)
        | Record::ImportJob(_) => record,
    }
}

/// A moment that every database can keep: to the microsecond, and a leap second as the one after it.
pub(super) fn in_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// A page whose moments are those that every database can keep.
fn in_microseconds(mut page: Page) -> Page {
    let moments = [&mut page.mark.at, &mut page.registered_at, &mut page.lifecycle_at];
    let aliases = page.aliases.iter_mut().flat_map(|alias| [&mut alias.since, &mut alias.until]);
    for at in moments.into_iter().chain(aliases).flatten() {
        *at = in_micros(*at);
    }
    page.created_at = in_micros(page.created_at);
    page
}

macro_rules! into_record {
    ($($name:ident),+) => {
        $(impl From<$name> for Record {
            fn from(record: $name) -> Self {
                Self::$name(Arc::new(record))
            }
        })+
    };
}
into_record!(
    Territory,
    Sector,
    IdentifierScheme,
    Platform,
    Organization,
    Page,
    Client,
    ObligationRule,
    Exemption,
    Abbreviation,
    Indicator,
    Methodology,
    Rating,
    Pack,
    ImportJob
);

impl ChangeSet {
    /// Whether putting the record would change anything.
    pub fn would_change<T: Clone + Into<Record>>(&self, record: &T) -> bool {
        let record = record.clone().into();
        let last = updated_at(self.snapshot(), &record).unwrap_or(self.at);
        kind::of(self.snapshot(), &settled(self.snapshot(), record, last)).is_some()
    }
}
