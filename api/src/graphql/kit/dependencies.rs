//! What an answer depends on that only its resolvers know.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, Days, Months, NaiveDate};

/// What the resolvers of one request have told.
#[derive(Debug, Default)]
pub struct Depends(Mutex<ObservedDependencies>);

/// What an answer depends on beside what its document tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObservedDependencies {
    /// First and last day of the figures that were read.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Whether the answer may be another once the log goes on, or its history is another.
    pub reaches_end: bool,
    /// Whether it holds a part of the change log that lies behind.
    pub has_past_window: bool,
    /// Place in the change log that something had reached which is a moment behind.
    pub reached: Option<i64>,
}

impl Depends {
    /// Figures were read, of the months of these days and of so many months before.
    pub fn days(&self, (first, last): (NaiveDate, NaiveDate), months_before: u32) {
        let first = first.checked_sub_months(Months::new(months_before)).unwrap_or(NaiveDate::MIN);
        let first = first.with_day(1).unwrap_or(first);
        let after = last.with_day(1).and_then(|day| day.checked_add_months(Months::new(1)));
        let last = after.and_then(|day| day.checked_sub_days(Days::new(1))).unwrap_or(last);
        let mut told = self.lock();
        let known = told.days.unwrap_or((first, last));
        told.days = Some((known.0.min(first), known.1.max(last)));
    }

    /// A part of the change log was read, up to its end or not, from a cursor or not. A cursor names the history that it is
    /// of, so that what follows it there will always be the same.
    pub fn window(&self, reaches_end: bool, is_from_cursor: bool) {
        let may_change = reaches_end || !is_from_cursor;
        let mut told = self.lock();
        told.reaches_end |= may_change;
        told.has_past_window |= !may_change;
    }

    /// Something was asked that has reached this place in the change log, and may be a moment behind.
    pub fn reached(&self, seq: i64) {
        let mut told = self.lock();
        told.reached = Some(told.reached.map_or(seq, |known| known.min(seq)));
    }

    /// What was told.
    pub fn told(&self) -> ObservedDependencies {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, ObservedDependencies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
