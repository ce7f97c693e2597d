//! Which figures can be, and which are strange.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entities::page_statistics::Metric;

use super::figure::{Figure, Rejection, Sender};
use crate::{change_log::ChangeSet, model::Page};

/// Days back to which subscribers are compared.
pub(super) const COMPARED_DAYS: i64 = 7;
/// Growth from one figure to the next that is no growth of its own accord.
const JUMP: i64 = 10;

/// Earliest moment that figures may tell of, in seconds since 1970: the beginning of 1990. Each database keeps all that come
/// after it, and none of them stands for no moment.
const EARLIEST: i64 = 631_152_000;
/// The day of that moment: no platform is older.
const EARLIEST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1990, 1, 1).expect("a day");
/// How far a sender's clock may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The page of figures that can be, as far as the figures alone can tell.
pub(super) fn check<'a>(
    change_set: &'a ChangeSet,
    sender: &Sender,
    figure: &Figure,
) -> Result<&'a Page, Rejection> {
    let page = figure.page_id.and_then(|id| change_set.snapshot().page(id)).ok_or(Rejection::PageNotFound)?;
    if sender.platform_id.is_some_and(|platform_id| platform_id != page.platform_id) {
        return Err(Rejection::OtherPlatform);
    }
    if figure.day > change_set.now().date_naive() {
        return Err(Rejection::InFuture);
    }
    if figure.day < EARLIEST_DAY {
        return Err(Rejection::TimeOutOfRange);
    }
    if figure.day < first_day(page) {
        return Err(Rejection::BeforeFirstSeen);
    }
    let moments = [figure.recorded_at, figure.last_post_at].into_iter().flatten();
    if moments.into_iter().any(|at| !can_be(at, change_set.now())) {
        return Err(Rejection::TimeOutOfRange);
    }
    let said =
        || Metric::ALL.into_iter().zip(figure.values).filter_map(|(metric, value)| Some((metric, value?)));
    if said().any(|(_, value)| value < 0) {
        return Err(Rejection::Negative);
    }
    if said().any(|(metric, value)| value > metric.max()) {
        return Err(Rejection::TooLarge);
    }
    if said().next().is_none() && figure.last_post_at.is_none() {
        return Err(Rejection::NoFigures);
    }
    Ok(page)
}

fn can_be(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at.timestamp() >= EARLIEST && at <= now + AHEAD
}

/// First day of which a page may have figures: that on which the registry first saw it, or since which it is official
/// as its source says.
pub(super) fn first_day(page: &Page) -> NaiveDate {
    let seen = page.registered_at.map_or(page.created_at, |registered| registered.min(page.created_at));
    let seen = seen.date_naive();
    page.valid_from.map_or(seen, |valid_from| valid_from.min(seen))
}

/// Whether subscribers went from one number to the other faster than they can of their own accord: more than tenfold,
/// or below a tenth. None counts as one.
pub(super) fn is_jump(before: i64, after: i64) -> bool {
    let (before, after) = (before.max(1), after.max(1));
    after > JUMP * before || before > JUMP * after
}

/// Whether one day is near enough before another to compare their figures.
pub(super) fn is_near(before: NaiveDate, after: NaiveDate) -> bool {
    (1..=COMPARED_DAYS).contains(&(after - before).num_days())
}
