//! Final statistics: those that were recorded after their day. Earlier ones are partial.

use chrono::{DateTime, NaiveDate, Utc};
use entities::page_statistics::Model;

use super::figure::Figure;
use crate::{calendar::TimeZone, change_log::ChangeSet};

/// Whether statistics of a day are final: the day had ended in the registry's time zone when they were recorded.
pub fn is_final(day: NaiveDate, recorded_at: DateTime<Utc>, zone: TimeZone) -> bool {
    zone.day_of(recorded_at) > day
}

/// Whether a submitted row makes the stored row of its day final, whatever its values.
pub(super) fn makes_final(change_set: &ChangeSet, stored: &Model, figure: &Figure) -> bool {
    let is_final = |at| is_final(stored.day, at, change_set.snapshot().time_zone());
    !is_final(stored.recorded_at) && is_final(figure.recorded_at.unwrap_or_else(|| change_set.now()))
}
