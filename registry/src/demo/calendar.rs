//! Dates of the generated records: spread over four years, so that there is a history to query.

use chrono::{DateTime, Duration, Utc};
use rand::Rng;

use crate::calendar::TimeZone;

/// Days of the whole history, and of its first part, in which organizations are created.
const DAYS: i64 = 4 * 365;
const ORGANIZATION_DAYS: i64 = 365;

/// Time span of the generated history, up to today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    today: DateTime<Utc>,
}

/// Days in which one batch of records is created.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Calendar {
    /// Ends with the start of the current day (UTC).
    pub(super) fn new() -> Self {
        Self { today: TimeZone::UTC.start_of(TimeZone::UTC.today()) }
    }

    pub(super) fn first_day(&self) -> DateTime<Utc> {
        self.today - Duration::days(DAYS)
    }

    pub(super) fn today(&self) -> DateTime<Utc> {
        self.today
    }

    /// Days of one batch of organizations.
    pub(super) fn organizations(&self, batch: usize, of: usize) -> Span {
        self.part(self.first_day(), ORGANIZATION_DAYS, batch, of)
    }

    /// Days of one batch of pages.
    pub(super) fn pages(&self, batch: usize, of: usize) -> Span {
        let from = self.first_day() + Duration::days(ORGANIZATION_DAYS);
        self.part(from, DAYS - ORGANIZATION_DAYS, batch, of)
    }

    fn part(&self, from: DateTime<Utc>, days: i64, batch: usize, of: usize) -> Span {
        let at = |batch: usize| from + Duration::minutes(days * 24 * 60 * batch as i64 / of.max(1) as i64);
        Span { from: at(batch), to: at(batch + 1) }
    }
}

impl Span {
    /// A random timestamp in the span.
    pub(super) fn pick(&self, random: &mut impl Rng) -> DateTime<Utc> {
        let minutes = (self.to - self.from).num_minutes().max(1);
        self.from + Duration::minutes(random.random_range(0..minutes))
    }
}
