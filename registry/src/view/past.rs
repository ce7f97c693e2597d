//! A moment of the past: which subjects have changed since, and what they were.
//!
//! A record that has not changed since the moment is the present one. Those that have are read from
//! the change log: a view notes which it misses, and whoever runs the query brings them and runs it again.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use chrono::{DateTime, Utc};
use entities::change::SubjectType;

use super::View;
use crate::{
    model::{Exemption, ObligationRule, Organization, Page, Platform, Record, Sector, Territory},
    snapshot::facet_keys::Records,
};

/// A subject of the registry.
pub type Subject = (SubjectType, i64);

/// States of subjects at a moment of the past.
#[derive(Debug)]
pub struct Past {
    at: DateTime<Utc>,
    seq: i64,
    /// Timestamp of the log's first change, where the moment lies before it.
    records_since: Option<DateTime<Utc>>,
    /// Subjects that did not exist yet have none.
    states: HashMap<Subject, Option<Record>>,
    missing: Mutex<BTreeSet<Subject>>,
}

impl Past {
    /// A moment, and the place of the last change at or before it.
    pub fn new(at: DateTime<Utc>, seq: i64) -> Self {
        Self { at, seq, records_since: None, states: HashMap::new(), missing: Mutex::default() }
    }

    /// A moment before the log's first change.
    pub fn before_records(at: DateTime<Utc>, records_since: Option<DateTime<Utc>>) -> Self {
        Self { records_since, ..Self::new(at, 0) }
    }

    /// The moment.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Place of the last change at or before the moment.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Number of states that were read.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether no state was read yet.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Subjects that were asked for and are not there yet.
    pub fn missing(&self) -> Vec<Subject> {
        self.missing.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().copied().collect()
    }

    /// The same moment with more states; a missing subject without one did not exist.
    pub fn with(&self, mut found: HashMap<Subject, Record>) -> Self {
        let mut states = self.states.clone();
        states.extend(self.missing().into_iter().map(|subject| (subject, found.remove(&subject))));
        let (at, seq, records_since) = (self.at, self.seq, self.records_since);
        Self { at, seq, records_since, states, missing: Mutex::default() }
    }

    fn state(&self, subject: Subject) -> Option<&Record> {
        match self.states.get(&subject) {
            Some(state) => state.as_ref(),
            None => {
                self.missing.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(subject);
                None
            }
        }
    }
}

/// Records of one table, of the present or of the past.
macro_rules! records {
    ($($name:ident: $record:ident from $find:expr;)+) => {
        impl View {
            $(pub(crate) fn $name(&self, id: i64) -> Option<&$record> {
                let find: fn(&View, i64) -> Option<&Arc<$record>> = $find;
                let current = find(self, id)?;
                let Some(past) = self.past.as_deref().filter(|past| current.updated_at > past.at) else {
                    return Some(current);
                };
                match past.state((SubjectType::$record, id))? {
                    Record::$record(record) => Some(record),
                    _ => None,
                }
            })+
        }
    };
}

records! {
    page_record: Page from |view, id| view.snapshot.page(id);
    organization_record: Organization from |view, id| view.snapshot.organization(id);
    territory_record: Territory from |view, id| view.snapshot.territory(id);
    platform_record: Platform from |view, id| view.snapshot.platform(id);
    sector_record: Sector from |view, id| view.snapshot.sector(id);
    rule_record: ObligationRule from |view, id| view.snapshot.obligation_rule(id);
    exemption_record: Exemption from |view, id| view.snapshot.exemptions().get(&id);
}

impl View {
    /// Timestamp of the registry's first record, where the view is of a time before it.
    pub fn records_since(&self) -> Option<DateTime<Utc>> {
        self.past.as_deref()?.records_since
    }
}

impl Records for View {
    fn find_organization(&self, id: i64) -> Option<&Organization> {
        self.organization_record(id)
    }

    fn find_territory(&self, id: i64) -> Option<&Territory> {
        self.territory_record(id)
    }

    fn find_sector(&self, code: &str) -> Option<i64> {
        self.snapshot.sector_by_code(code).map(|sector| sector.id)
    }
}
