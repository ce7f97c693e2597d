//! Pages that have any statistics in the steps of a series. What else is in a series of sums are pages that lack them.

use anyhow::Result;
use chrono::{Days, NaiveDate};
use roaring::RoaringBitmap;

use super::{
    missing::{AT_ONCE, MAX_LOOKED_UP},
    series::{Span, Step},
    territory_series::is_whole_month,
};
use crate::{
    database::Database,
    statistics::{MonthCache, days_with_value},
    view::View,
    worker_pool,
};

/// Those of these pages that have statistics in each step; of whole months all such pages. `None` if there are too many pages
/// and days to look up: whole months need not be.
///
/// # Errors
/// When the database fails.
pub async fn reporting_pages(
    view: &View,
    (database, months): (&Database, &MonthCache),
    pages: &RoaringBitmap,
    (spans, step): (&[Span], Step),
) -> Result<Option<Vec<RoaringBitmap>>> {
    let (today, is_past) = (view.day(), view.as_of().is_some());
    let is_whole = |span: &Span| step == Step::Month && is_whole_month(*span, today, is_past);
    let parts = spans.iter().filter(|span| !is_whole(span));
    let ranges = ranges(parts.map(|span| (span.0, span.1.min(view.last_day()))));
    let days: u64 = ranges.iter().map(|(from, to)| (*to - *from).num_days().unsigned_abs() + 1).sum();
    if pages.len().saturating_mul(days) > MAX_LOOKED_UP {
        return Ok(None);
    }
    let mut reporting = vec![RoaringBitmap::new(); spans.len()];
    for (span, reporting) in spans.iter().zip(&mut reporting).filter(|(span, _)| is_whole(span)) {
        worker_pool::yield_if_due();
        let segments = months.segments(view, span.0).await?;
        reporting.extend(segments.iter().map(|(page_id, _)| page_id));
    }
    let pages: Vec<i64> = pages.iter().map(i64::from).collect();
    for range in ranges {
        for pages in pages.chunks(AT_ONCE) {
            for (page_id, day) in days_with_value(database, pages, range, None).await? {
                let step = spans.partition_point(|span| span.1 < day);
                if let Some(reporting) = reporting.get_mut(step) {
                    reporting.insert(u32::try_from(page_id)?);
                }
            }
        }
    }
    Ok(Some(reporting))
}

/// Ranges of days of steps in order, each as long as possible; what begins after its end is left out.
fn ranges(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut ranges: Vec<Span> = Vec::new();
    for (from, to) in spans.filter(|(from, to)| from <= to) {
        match ranges.last_mut() {
            Some(last) if next(last.1) == Some(from) => last.1 = to,
            _ => ranges.push((from, to)),
        }
    }
    ranges
}

fn next(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_add_days(Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_follow_each_other_are_one_range_and_future_ones_none() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        let spans = [(1, 2), (3, 9), (16, 22), (23, 26), (30, 26)].map(|(from, to)| (day(from), day(to)));
        assert_eq!(ranges(spans.into_iter()), [(day(1), day(9)), (day(16), day(26))]);
    }
}
