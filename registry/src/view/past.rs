//! Past states: which subjects have changed since a timestamp, and their states at that time.
//!
//! A record that has not changed since the timestamp is read from the present snapshot. The others are read
//! from the change log: a view records the subjects that are missing; the executor loads them and runs the
//! query again. To count, the whole state is restored instead, see `snapshot/restore.rs`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use chrono::{DateTime, Utc};
use entities::change::SubjectType;

use super::View;
use crate::{
    model::{Exemption, ObligationRule, Organization, Page, Platform, Record, Sector, Territory},
    snapshot::{Filter, Snapshot, facet_keys::Records},
};

/// A subject of the registry.
pub type Subject = (SubjectType, i64);

/// States of subjects as of a past timestamp.
#[derive(Debug)]
pub struct AsOf {
    at: DateTime<Utc>,
    seq: i64,
    /// Timestamp of the log's first change, when `at` is before it.
    records_since: Option<DateTime<Utc>>,
    /// `None` for subjects that did not exist at that time.
    states: HashMap<Subject, Option<Record>>,
    missing: Mutex<BTreeSet<Subject>>,
}

impl AsOf {
    /// As of a timestamp, with the sequence number of the last change at or before it.
    pub fn new(at: DateTime<Utc>, seq: i64) -> Self {
        Self { at, seq, records_since: None, states: HashMap::new(), missing: Mutex::default() }
    }

    /// As of a timestamp before the log's first change.
    pub fn before_records(at: DateTime<Utc>, records_since: Option<DateTime<Utc>>) -> Self {
        Self { records_since, ..Self::new(at, 0) }
    }

    /// The timestamp.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Sequence number of the last change at or before the timestamp; 0 when there is none.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Number of subjects that were loaded.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether no subject was loaded yet.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Subjects that were requested and are not loaded yet.
    pub fn missing(&self) -> Vec<Subject> {
        self.missing.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().copied().collect()
    }

    /// The same timestamp with more states; a missing subject without a state did not exist.
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

/// Accessors for the records of one table, in the present or the past.
macro_rules! records {
    ($($name:ident: $record:ident from $find:expr;)+) => {
        impl View {
            $(pub(crate) fn $name(&self, id: i64) -> Option<&$record> {
                let find: fn(&View, i64) -> Option<&Arc<$record>> = $find;
                let current = find(self, id)?;
                let Some(as_of) = self.as_of.as_deref().filter(|as_of| current.updated_at > as_of.at) else {
                    return Some(current);
                };
                match as_of.state((SubjectType::$record, id))? {
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
    /// The snapshot of the view.
    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// A view of the whole past state as of a timestamp, to count in. As in views of single records, it shows what was
    /// visible then, also what was hidden since.
    pub(crate) fn restored(&self, state: Arc<Snapshot>, at: DateTime<Utc>) -> Self {
        Self { snapshot: state, viewer: self.viewer.without_limits(), as_of: None, restored_at: Some(at) }
    }

    /// A filter of the present, for this view: without the organizations that were not visible then.
    pub fn filter_then(&self, filter: &Filter) -> Filter {
        filter.clone().below_any(|id| self.organization(i64::from(id)).is_some())
    }

    /// Timestamp of the registry's first record, when the view is of an earlier time.
    pub fn records_since(&self) -> Option<DateTime<Utc>> {
        self.as_of.as_deref()?.records_since
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
