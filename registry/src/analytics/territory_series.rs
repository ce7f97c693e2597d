//! Time series of regions and larger territories, from the sums that are updated on ingest.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::{Datelike, Days, NaiveDate};
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

/// Whether sums are stored for territories of this kind.
pub fn has_sums(kind: Kind) -> bool {
    matches!(kind, Kind::Country | Kind::District | Kind::Region)
}

/// Sums by step; in a view of the past, up to its timestamp. Subscribers of a whole month are those of each page's last day
/// in it; of a week or a part of a month, those of the day on which most pages of a platform have a value.
///
/// # Errors
/// When the database fails.
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
    let (until, last_day) = (territory.view().day(), territory.view().last_day());
    let days = days(territory, database, (&segments, &ids(others)), (first.0, last.1.min(last_day))).await?;
    let mut totals = by_step(&days, spans);
    if step == Step::Month {
        let is_whole = |span: &Span| is_whole_month(*span, until, territory.view().as_of().is_some());
        for (total, span) in totals.iter_mut().zip(spans).filter(|(_, span)| is_whole(span)) {
            let sums = months.sums(territory.view(), span.0, Metric::Subscribers, Grain::Region).await?;
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

/// Whether a span covers all stored days of its month. `until` is the day of the view; in a view of the past, later days are
/// stored, too.
pub(super) fn is_whole_month((from, to): Span, until: NaiveDate, is_past: bool) -> bool {
    let ends = to.checked_add_days(Days::new(1)).is_none_or(|next| next.day() == 1);
    from.day() == 1 && if is_past { ends && to < until } else { ends || to >= until }
}

fn ids(segments: Vec<(i32, &Segment)>) -> Vec<i32> {
    segments.into_iter().map(|(id, _)| id).collect()
}

/// Sums of the segments inside the territory, by day and platform. If these are the majority, the others are subtracted from
/// the sums of the platforms: a country has a thousand segments, but ten platforms.
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

/// Sums by step: flows over all days; stocks, for each platform, on the day on which most pages have a value (the last such
/// day), so that a load of a few pages of another day does not replace the others.
fn by_step(days: &PlatformDays, spans: &[Span]) -> Vec<Total> {
    let total = |(from, to): &Span| {
        let within = || days.range((*from, i64::MIN)..=(*to, i64::MAX)).filter(|(_, day)| day.pages > 0);
        let mut fullest: HashMap<i64, (u32, NaiveDate)> = HashMap::new();
        for ((day, platform_id), of_day) in within() {
            let pages = of_day.sums[Metric::Subscribers as usize].pages;
            let known = fullest.entry(*platform_id).or_insert((pages, *day));
            *known = (*known).max((pages, *day));
        }
        let mut total = Total::default();
        let mut pages: HashMap<NaiveDate, u64> = HashMap::new();
        for ((day, platform_id), of_day) in within() {
            *pages.entry(*day).or_default() += of_day.pages;
            for (metric, of_metric) in Metric::ALL.into_iter().zip(&of_day.sums) {
                let counts = !metric.is_stock() || fullest[platform_id].1 == *day;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
    }

    #[test]
    fn a_month_is_whole_where_nothing_of_it_is_known_beside_the_span() {
        let until = day(11, 26);
        for (span, is_past, is_whole) in [
            ((day(10, 1), day(10, 31)), false, true),
            ((day(10, 2), day(10, 31)), false, false),
            ((day(10, 1), day(10, 30)), false, false),
            ((day(11, 1), day(11, 26)), false, true),
            ((day(11, 1), day(11, 25)), false, false),
            ((day(11, 1), day(12, 31)), false, true),
            // In a view of the past, the stored month has later days as well.
            ((day(10, 1), day(10, 31)), true, true),
            ((day(11, 1), day(11, 26)), true, false),
            ((day(11, 1), day(11, 30)), true, false),
        ] {
            assert_eq!(is_whole_month(span, until, is_past), is_whole, "{span:?}, {is_past}");
        }
    }
}
