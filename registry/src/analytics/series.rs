//! Time series from daily statistics, by day, week or month; steps are cut off at the bounds of the period.

use chrono::{Datelike, Days, Months, NaiveDate};
use entities::page_statistics::{Metric, Model};

use crate::{
    calendar::TimeZone,
    statistics::{Values, is_final},
};

/// Maximum number of points of a series.
pub const MAX_POINTS: usize = 400;

/// Step of a time series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

/// First and last day, both inclusive.
pub type Span = (NaiveDate, NaiveDate);

/// Statistics of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// First and last day.
    pub span: Span,
    /// Number of days with statistics; 0 in a gap.
    pub days: u32,
    /// Values: sums of flows, last values of stocks.
    pub values: Values,
    /// Whether subscribers jumped on any of the days.
    pub is_jump: bool,
    /// Whether all values were recorded after their day, in the registry's time zone.
    pub is_final: bool,
}

/// Spans of the steps of a period; `None` if there are more than [`MAX_POINTS`].
pub fn steps((from, to): Span, step: Step) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    let mut first = from;
    while first <= to {
        if spans.len() == MAX_POINTS {
            return None;
        }
        let next = match step {
            Step::Day => first.checked_add_days(Days::new(1)),
            Step::Week => {
                let since_monday = u64::from(first.weekday().num_days_from_monday());
                first.checked_add_days(Days::new(7 - since_monday))
            }
            Step::Month => first.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))),
        };
        let next = next?;
        spans.push((first, to.min(next - Days::new(1))));
        first = next;
    }
    Some(spans)
}

/// Groups the days of one page, given in order, into steps; a step without days is a gap.
pub fn points(spans: &[Span], days: &[Model], zone: TimeZone) -> Vec<Point> {
    let mut days = days.iter().peekable();
    let point = |span: &Span| {
        let values = Values::default();
        let mut point = Point { span: *span, days: 0, values, is_jump: false, is_final: true };
        while days.next_if(|day| day.day < span.0).is_some() {}
        while let Some(day) = days.next_if(|day| day.day <= span.1) {
            point.days += 1;
            point.is_jump |= day.is_jump;
            point.is_final &= is_final(day.day, day.recorded_at, zone);
            for (metric, value) in Metric::ALL.into_iter().zip(day.values()) {
                let known = &mut point.values[metric as usize];
                *known = if metric.is_stock() { value.or(*known) } else { sum(*known, value) };
            }
        }
        point
    };
    spans.iter().map(point).collect()
}

/// Sum of two values; `None` if both are missing.
pub fn sum(left: Option<i64>, right: Option<i64>) -> Option<i64> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.saturating_add(right)),
        (one, other) => one.or(other),
    }
}

/// Statistics of many pages in one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Sums of the values.
    pub values: Values,
    /// Number of pages with statistics.
    pub pages: u64,
}

/// Sums the points of many pages by step.
pub fn totals(steps: usize, series: &[Vec<Point>]) -> Vec<Total> {
    let mut totals = vec![Total::default(); steps];
    for points in series {
        for (total, point) in totals.iter_mut().zip(points).filter(|(_, point)| point.days > 0) {
            total.pages += 1;
            for (sum_of_all, value) in total.values.iter_mut().zip(point.values) {
                *sum_of_all = sum(*sum_of_all, value);
            }
        }
    }
    totals
}
