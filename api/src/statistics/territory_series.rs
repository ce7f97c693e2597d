//! Series of regions and larger territories, from the sums that are made when figures come.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveDate;
use entities::{audience_segment::Grain, page_statistics::Metric};

use super::{
    filter,
    series::{Span, Step, Total, sum},
};
use crate::{
    database::Database,
    facts::{self, DaySums, MonthCache},
    snapshot::TerritoryView,
};

/// Whether sums are kept of a territory.
pub(super) fn is_kept(territory: &TerritoryView<'_>) -> bool {
    filter::is_kept(territory.kind)
}

/// Sums of the steps. Subscribers of a month are those of each page's last day in it; of a week, those of the last day
/// that a platform has figures of.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn totals(
    territory: &TerritoryView<'_>,
    (database, months): (&Database, &MonthCache),
    spans: &[Span],
    step: Step,
) -> Result<Vec<Total>> {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(Vec::new()) };
    let within = territory.with_descendants();
    let segments = territory.view().segments().of(Grain::Region);
    let inside = segments.filter(|(_, segment)| segment.region_id.is_some_and(|id| within.contains(&id)));
    let segments: Vec<i32> = inside.map(|(id, _)| id).collect();
    let rows = facts::day_sums(database, &segments, (first.0, last.1), &Metric::ALL).await?;
    let mut totals: Vec<Total> = spans.iter().map(|span| total(&rows, *span)).collect();
    if step == Step::Month {
        for (total, span) in totals.iter_mut().zip(spans) {
            let month = chrono::Datelike::with_day(&span.0, 1).unwrap_or(span.0);
            let sums = months.sums(territory.view(), month, Metric::Subscribers, Grain::Region).await?;
            let of_region = segments.iter().filter_map(|id| sums.get(usize::try_from(*id).ok()?));
            let (subscribers, pages) = of_region.fold((0, 0), |(sum, pages), of_segment| {
                (sum + of_segment.sum, pages + u64::from(of_segment.pages))
            });
            if pages > 0 {
                total.values[Metric::Subscribers as usize] = i64::try_from(subscribers).ok();
                total.pages = total.pages.max(pages);
            }
        }
    }
    Ok(totals)
}

/// Sums of one step: of what happened over all days, of a state on the last day of each segment.
fn total(rows: &[DaySums], (from, to): Span) -> Total {
    let mut total = Total::default();
    let mut last: HashMap<i32, NaiveDate> = HashMap::new();
    let mut pages: HashMap<NaiveDate, u64> = HashMap::new();
    let within = || rows.iter().filter(|row| (from..=to).contains(&row.day));
    for row in within() {
        let day = last.entry(row.segment_id).or_insert(row.day);
        *day = row.day.max(*day);
    }
    for row in within() {
        let most = row.sums.iter().map(|sum| u64::from(sum.pages)).max().unwrap_or(0);
        *pages.entry(row.day).or_default() += most;
        for (metric, of_row) in Metric::ALL.into_iter().zip(&row.sums) {
            let counts = !metric.is_stock() || last[&row.segment_id] == row.day;
            if of_row.pages > 0 && counts {
                let known = &mut total.values[metric as usize];
                *known = sum(*known, i64::try_from(of_row.sum).ok());
            }
        }
    }
    total.pages = pages.into_values().max().unwrap_or(0);
    total
}
