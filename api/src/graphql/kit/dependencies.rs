//! Dependencies of a response that only its resolvers know.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{Datelike, Days, Months, NaiveDate};

/// Dependencies reported by the resolvers of one request.
#[derive(Debug, Default)]
pub struct DependencyCollector(Mutex<ObservedDependencies>);

/// Dependencies of a response in addition to those of its document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObservedDependencies {
    /// First and last day of the statistics that were read.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Whether the response may change when the log grows or its history changes.
    pub reaches_end: bool,
    /// Whether it has a window of the change log that can no longer change.
    pub has_past_window: bool,
    /// Lowest sequence number that a lagging source had reached, such as the search index.
    pub reached: Option<i64>,
    /// Whether it has a secret, which is shown once: it is not stored.
    pub has_secret: bool,
}

impl DependencyCollector {
    /// Reports statistics that were read: of the months of these days and of `months_before` months before.
    pub fn days(&self, (first, last): (NaiveDate, NaiveDate), months_before: u32) {
        let first = first.checked_sub_months(Months::new(months_before)).unwrap_or(NaiveDate::MIN);
        let first = first.with_day(1).unwrap_or(first);
        let after = last.with_day(1).and_then(|day| day.checked_add_months(Months::new(1)));
        let last = after.and_then(|day| day.checked_sub_days(Days::new(1))).unwrap_or(last);
        let mut observed = self.lock();
        let known = observed.days.unwrap_or((first, last));
        observed.days = Some((known.0.min(first), known.1.max(last)));
    }

    /// Reports a window of the change log. It can no longer change if it starts at a cursor, which identifies its history,
    /// and does not reach the end of the log.
    pub fn window(&self, reaches_end: bool, is_from_cursor: bool) {
        let may_change = reaches_end || !is_from_cursor;
        let mut observed = self.lock();
        observed.reaches_end |= may_change;
        observed.has_past_window |= !may_change;
    }

    /// Reports a source that has reached this sequence number and may lag behind the snapshot.
    pub fn reached(&self, seq: i64) {
        let mut observed = self.lock();
        observed.reached = Some(observed.reached.map_or(seq, |known| known.min(seq)));
    }

    /// Reports a secret, which is shown in this response only.
    pub fn secret(&self) {
        self.lock().has_secret = true;
    }

    /// All dependencies reported so far.
    pub fn observed(&self) -> ObservedDependencies {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, ObservedDependencies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
