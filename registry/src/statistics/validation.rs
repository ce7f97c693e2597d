//! Validation of submitted rows, and detection of jumps.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entities::page_statistics::Metric;

use super::figure::{Figure, Rejection, Sender};
use crate::{
    calendar::{self, TimeZone},
    change_log::ChangeSet,
    model::Page,
};

/// Maximum number of days between compared numbers of subscribers.
pub(super) const COMPARED_DAYS: i64 = 7;
/// Factor between two numbers of subscribers above which the change is a jump.
const JUMP: i64 = 10;

/// Earliest valid timestamp, in Unix seconds: the beginning of 1990. Both databases can store all later ones, and
/// none of them is used for a missing timestamp.
const EARLIEST: i64 = 631_152_000;
/// The day of that timestamp: no platform is older.
const EARLIEST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day");
/// How far a sender's clock may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Validates a row without reading existing rows, and returns its page.
pub(super) fn check<'a>(
    change_set: &'a ChangeSet,
    sender: &Sender,
    figure: &Figure,
) -> Result<&'a Page, Rejection> {
    let page = change_set.snapshot().page(figure.page_id?).ok_or(Rejection::PageNotFound)?;
    if !sender.reach.has_platform(page.platform_id) {
        return Err(Rejection::OtherPlatform);
    }
    if !sender.reach.has_page(change_set.snapshot(), page) {
        return Err(Rejection::OtherOwner);
    }
    if figure.day > calendar::last_day_begun(change_set.now()) {
        return Err(Rejection::InFuture);
    }
    if figure.day < EARLIEST_DAY {
        return Err(Rejection::TimeOutOfRange);
    }
    if figure.day < first_day(page, change_set.snapshot().time_zone()) {
        return Err(Rejection::BeforeFirstSeen);
    }
    let timestamps = [figure.recorded_at, figure.last_post_at].into_iter().flatten();
    if timestamps.into_iter().any(|at| !can_be(at, change_set.now())) {
        return Err(Rejection::TimeOutOfRange);
    }
    let values =
        || Metric::ALL.into_iter().zip(figure.values).filter_map(|(metric, value)| Some((metric, value?)));
    if values().any(|(_, value)| value < 0) {
        return Err(Rejection::Negative);
    }
    if values().any(|(metric, value)| value > metric.max()) {
        return Err(Rejection::TooLarge);
    }
    if values().next().is_none() && figure.last_post_at.is_none() {
        return Err(Rejection::NoFigures);
    }
    Ok(page)
}

fn can_be(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at.timestamp() >= EARLIEST && at <= now + AHEAD
}

/// First day of which a page may have statistics: the earliest of its creation in the registry, its registration and
/// its `valid_from`, in the time zone.
pub(super) fn first_day(page: &Page, zone: TimeZone) -> NaiveDate {
    let seen = page.registered_at.map_or(page.created_at, |registered| registered.min(page.created_at));
    let seen = zone.day_of(seen);
    page.valid_from.map_or(seen, |valid_from| valid_from.min(seen))
}

/// Whether a change of subscribers is a jump: to more than tenfold, or to less than a tenth. 0 counts as 1.
pub(super) fn is_jump(before: i64, after: i64) -> bool {
    let (before, after) = (before.max(1), after.max(1));
    after > JUMP * before || before > JUMP * after
}

/// Whether `before` is 1 to [`COMPARED_DAYS`] days before `after`.
pub(super) fn is_near(before: NaiveDate, after: NaiveDate) -> bool {
    (1..=COMPARED_DAYS).contains(&(after - before).num_days())
}
