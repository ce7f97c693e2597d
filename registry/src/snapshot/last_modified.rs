//! What was changed last at which place in the change log: whoever keeps an answer can tell whether it still holds.

use chrono::{Datelike, NaiveDate};
use entities::change::SubjectType;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::Snapshot;

/// Kinds of things, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Kinds(u32);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Everything that the registry knows.
    pub const ALL: Self = Self((1 << COUNT) - 1);
    /// What other things are sorted by.
    pub const REFERENCE: Self = Self::of(&[
        SubjectType::Territory,
        SubjectType::Sector,
        SubjectType::IdentifierScheme,
        SubjectType::Platform,
    ]);
    /// Organizations, their pages and what is said of both; no figures.
    pub const REGISTRY: Self = Self::of(&[
        SubjectType::Organization,
        SubjectType::Page,
        SubjectType::ObligationRule,
        SubjectType::Exemption,
        SubjectType::Abbreviation,
    ])
    .and(Self::REFERENCE);

    /// These kinds.
    pub const fn of(kinds: &[SubjectType]) -> Self {
        let (mut set, mut place) = (0, 0);
        while place < kinds.len() {
            set |= 1 << kinds[place] as u32;
            place += 1;
        }
        Self(set)
    }

    /// The kinds of both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all kinds are among the others.
    pub fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The kinds one by one.
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
        Some(Self(bits)).filter(|kinds| kinds.is_within(Self::ALL)).ok_or("there are no such kinds")
    }
}

const COUNT: usize = SubjectType::EACH.len();

/// What an answer was made of: a change of anything else leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependencies {
    /// Kinds of things, whichever of them.
    pub kinds: Kinds,
    /// First and last day of the figures, where those of other days do not matter.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Places in the change log at which things changed last.
#[derive(Clone, Default)]
pub(crate) struct LastModified {
    /// Whatever changed before is taken to have changed here.
    since: i64,
    kinds: [i64; COUNT],
    days: OrdMap<i32, i64>,
    /// Where figures of all days changed, as they do when a page is hidden.
    every_day: i64,
    /// What was taken in since the snapshot was told its place.
    open: Kinds,
    open_days: Vec<(NaiveDate, NaiveDate)>,
    is_every_day_open: bool,
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

    /// All that was taken in was so at this place.
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
    /// Place in the change log of the last change that an answer made of these may have known; what changed before the
    /// snapshot was loaded is taken to have changed last of all by then. Not needing anything, it is 0.
    pub fn last_change(&self, dependencies: &Dependencies) -> i64 {
        if *dependencies == Dependencies::default() { 0 } else { self.last_modified.last(dependencies) }
    }

    /// Takes everything to have changed at the present place: of what came before nothing is known.
    pub(crate) fn begin_at_present(&mut self) {
        self.last_modified = LastModified { since: self.seq, ..LastModified::default() };
    }
}
