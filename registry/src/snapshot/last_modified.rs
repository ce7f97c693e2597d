//! Sequence number of the last change by kind of record and by day: tells whether a cached response is still valid.

use chrono::{Datelike, NaiveDate};
use entities::change::SubjectType;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::Snapshot;

/// Set of record kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Kinds(u32);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// All kinds.
    pub const ALL: Self = Self((1 << COUNT) - 1);
    /// Reference data, by which other records are classified.
    pub const REFERENCE: Self = Self::of(&[
        SubjectType::Territory,
        SubjectType::Sector,
        SubjectType::IdentifierScheme,
        SubjectType::Platform,
    ]);
    /// Organizations, pages, the records about them, and reference data; no statistics.
    pub const REGISTRY: Self = Self::of(&[
        SubjectType::Organization,
        SubjectType::Page,
        SubjectType::ObligationRule,
        SubjectType::Exemption,
        SubjectType::Abbreviation,
    ])
    .and(Self::REFERENCE);

    /// Set of these kinds.
    pub const fn of(kinds: &[SubjectType]) -> Self {
        let (mut set, mut index) = (0, 0);
        while index < kinds.len() {
            set |= 1 << kinds[index] as u32;
            index += 1;
        }
        Self(set)
    }

    /// Union of both sets.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether this is a subset of `others`.
    pub fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The kinds in the set.
    pub fn iter(self) -> impl Iterator<Item = SubjectType> {
        SubjectType::EACH.iter().copied().filter(move |kind| Self::of(&[*kind]).is_within(self))
    }
}

impl From<Kinds> for u32 {
    fn from(Kinds(bits): Kinds) -> Self {
        bits
    }
}

impl TryFrom<u32> for Kinds {
    type Error = &'static str;

    fn try_from(bits: u32) -> Result<Self, Self::Error> {
        Some(Self(bits)).filter(|kinds| kinds.is_within(Self::ALL)).ok_or("unknown record kinds")
    }
}

const COUNT: usize = SubjectType::EACH.len();

/// Dependencies of a response: changes of anything else do not affect it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependencies {
    /// Kinds of records: a change of any record of these counts.
    pub kinds: Kinds,
    /// First and last day of daily statistics; `None` if it depends on those of no day, or `kinds` covers them.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Sequence numbers of the last changes.
#[derive(Clone, Default)]
pub(crate) struct LastModified {
    /// Earlier changes count as made at this sequence number.
    since: i64,
    kinds: [i64; COUNT],
    days: OrdMap<i32, i64>,
    /// Last change to the statistics of all days, such as the hiding of a page.
    every_day: i64,
    /// Kinds changed since the last call of [`Self::close`].
    open: Kinds,
    open_days: Vec<(NaiveDate, NaiveDate)>,
    is_every_day_open: bool,
    is_everything_open: bool,
}

impl LastModified {
    pub(crate) fn kind(&mut self, kind: SubjectType) {
        self.open = self.open.and(Kinds::of(&[kind]));
    }

    pub(crate) fn days(&mut self, days: (NaiveDate, NaiveDate)) {
        self.open_days.push(days);
    }

    pub(crate) fn every_day(&mut self) {
        self.is_every_day_open = true;
    }

    /// Counts all records and days as changed.
    pub(crate) fn everything(&mut self) {
        self.is_everything_open = true;
    }

    /// Assigns this sequence number to all pending changes.
    pub(crate) fn close(&mut self, seq: i64) {
        for kind in std::mem::take(&mut self.open).iter() {
            self.kinds[kind as usize] = seq;
        }
        for (first, last) in std::mem::take(&mut self.open_days) {
            (number(first)..=number(last)).for_each(|day| _ = self.days.insert(day, seq));
        }
        if std::mem::take(&mut self.is_every_day_open) {
            self.every_day = seq;
        }
        if std::mem::take(&mut self.is_everything_open) {
            self.since = seq;
        }
    }

    fn last(&self, dependencies: &Dependencies) -> i64 {
        let kinds = dependencies.kinds.iter().map(|kind| self.kinds[kind as usize]);
        let days = dependencies.days.map(|(first, last)| number(first)..=number(last));
        let days = days.into_iter().flat_map(|days| self.days.range(days).map(|(_, seq)| *seq));
        let every_day = dependencies.days.map(|_| self.every_day);
        kinds.chain(days).chain(every_day).fold(self.since, i64::max)
    }
}

fn number(day: NaiveDate) -> i32 {
    day.num_days_from_ce()
}

impl Snapshot {
    /// Sequence number of the last change to these dependencies; 0 if there are none. Changes before the snapshot was
    /// loaded count as made at the sequence number of the load.
    pub fn last_change(&self, dependencies: &Dependencies) -> i64 {
        if *dependencies == Dependencies::default() { 0 } else { self.last_modified.last(dependencies) }
    }

    /// Counts everything as changed at the current sequence number, because earlier changes are not known.
    pub(crate) fn begin_at_present(&mut self) {
        self.last_modified = LastModified { since: self.seq, ..LastModified::default() };
    }
}
