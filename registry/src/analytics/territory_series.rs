//! Series of regions and larger territories, from the sums that are made when figures come.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::{Datelike, Days, NaiveDate, Utc};
use entities::{audience_segment::Grain, page_statistics::Metric, territory::Kind};

use super::series::{Span, Step, Total, sum};
use crate::{
    database::Database,
    model::Segment,
    statistics::{self, MonthCache, PlatformDay},
    view::TerritoryView,
};

/// Sums by day and platform.
type PlatformDays = BTreeMap<(NaiveDate, i64), PlatformDay>;

/// Whether sums are kept of territories of this kind.
pub fn has_sums(kind: Kind) -> bool {
    matches!(kind, Kind::Country | Kind::District | Kind::Region)
}

/// Sums of the steps. Subscribers of a month are those of each page's last day in it; of a week, and of a month that is cut off
/// before its end, those of the last day that a platform has figures of.
///
/// # Errors
/// When the database does not answer.
pub async fn totals(
    territory: &TerritoryView<'_>,
    (database, months): (&Database, &MonthCache),
    spans: &[Span],
    step: Step,
) -> Result<Vec<Total>> {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(Vec::new()) };
    let within = territory.with_descendants();
    let is_inside = |segment: &Segment| segment.region_id.is_some_and(|id| within.contains(&id));
    let (segments, others): (Vec<_>, Vec<_>) =
        territory.view().segments().of(Grain::Region).partition(|(_, segment)| is_inside(segment));
    let segments = ids(segments);
    let days = days(territory, database, (&segments, &ids(others)), (first.0, last.1)).await?;
    let mut totals = by_step(&days, spans);
    if step == Step::Month {
        for (total, span) in totals.iter_mut().zip(spans).filter(|(_, span)| ends_month(**span)) {
            let month = span.0.with_day(1).unwrap_or(span.0);
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

/// Whether nothing of a month comes after a span that ends in it.
fn ends_month((_, to): Span) -> bool {
    let next = to.checked_add_days(Days::new(1));
    next.is_none_or(|next| next.day() == 1) || to >= Utc::now().date_naive()
}

fn ids(segments: Vec<(i32, &Segment)>) -> Vec<i32> {
    segments.into_iter().map(|(id, _)| id).collect()
}

/// Sums of the regions inside, by day and platform. Where that is most of them, they are those of the platforms without the
/// others: a country has a thousand segments, and ten platforms.
async fn days(
    territory: &TerritoryView<'_>,
    database: &Database,
    (inside, others): (&[i32], &[i32]),
    span: Span,
) -> Result<PlatformDays> {
    let platforms = ids(territory.view().segments().of(Grain::Platform).collect());
    if inside.len() <= platforms.len() + others.len() {
        return statistics::platform_days(database, inside, span).await;
    }
    let mut days = statistics::platform_days(database, &platforms, span).await?;
    for (key, other) in statistics::platform_days(database, others, span).await? {
        days.entry(key).and_modify(|day| day.without(&other));
    }
    Ok(days)
}

/// Sums of each step, in their order: of what happened over all days, of a state on the last day of each platform.
fn by_step(days: &PlatformDays, spans: &[Span]) -> Vec<Total> {
    let total = |(from, to): &Span| {
        let within = || days.range((*from, i64::MIN)..=(*to, i64::MAX)).filter(|(_, day)| day.pages > 0);
        let last: HashMap<i64, NaiveDate> =
            within().map(|((day, platform_id), _)| (*platform_id, *day)).collect();
        let mut total = Total::default();
        let mut pages: HashMap<NaiveDate, u64> = HashMap::new();
        for ((day, platform_id), of_day) in within() {
            *pages.entry(*day).or_default() += of_day.pages;
            for (metric, of_metric) in Metric::ALL.into_iter().zip(&of_day.sums) {
                let counts = !metric.is_stock() || last[platform_id] == *day;
                if of_metric.pages > 0 && counts {
                    let known = &mut total.values[metric as usize];
                    *known = sum(*known, i64::try_from(of_metric.sum).ok());
                }
            }
        }
        total.pages = pages.into_values().max().unwrap_or(0);
        total
    };
    spans.iter().map(total).collect()
}
