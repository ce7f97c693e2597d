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
    let mut totals = by_step(rows, spans);
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

/// Sums of each step, in their order: of what happened over all days, of a state on the last day of each segment.
fn by_step(mut rows: Vec<DaySums>, spans: &[Span]) -> Vec<Total> {
    rows.sort_unstable_by_key(|row| row.day);
    let mut rows = rows.as_slice();
    let total = |(from, to): &Span| {
        rows = &rows[rows.partition_point(|row| row.day < *from)..];
        let (within, rest) = rows.split_at(rows.partition_point(|row| row.day <= *to));
        rows = rest;
        total(within)
    };
    spans.iter().map(total).collect()
}

/// Sums of one step, of which these are all rows in the order of days.
fn total(rows: &[DaySums]) -> Total {
    let mut total = Total::default();
    let last: HashMap<i32, NaiveDate> = rows.iter().map(|row| (row.segment_id, row.day)).collect();
    let mut pages: HashMap<NaiveDate, u64> = HashMap::new();
    for row in rows {
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
