//! Aggregates of statistics across pages, by group and time.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use entities::territory::Kind;

use super::{
    groups::Groups,
    metric::{Beside, StatisticsMetric},
    series::Span,
};
use crate::{
    database::Database,
    snapshot::{Clause, Dimension, Filter},
    statistics::{MonthCache, Sum},
    view::{DimensionValue, View},
    worker_pool,
};

/// Aggregation across pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// Sum across pages; derived metrics are computed from the summed inputs.
    Sum,
    /// Median across pages.
    Median,
    /// 90th percentile across pages.
    P90,
    /// Number of pages with a value; for a derived metric, pages with a value of its first input.
    Count,
}

/// Query of aggregates.
pub struct AggregateQuery<'a> {
    /// Filter for the pages that count.
    pub filter: &'a Filter,
    /// Dimensions to group by, except time.
    pub by: &'a [Dimension],
    /// Kind of territory to group by.
    pub territories: Kind,
    /// Metric to aggregate.
    pub metric: StatisticsMetric,
    /// Aggregation across pages.
    pub aggregation: Aggregation,
    /// First and last days of the steps of time.
    pub steps: &'a [Span],
    /// Maximum number of cells: work ends soon after there are more, and the caller refuses them.
    pub most: usize,
}

/// One group in one step of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Values of the dimensions, in their order.
    pub keys: Vec<DimensionValue>,
    /// First and last day.
    pub span: Span,
    /// Aggregated value; `None` if it cannot be computed.
    pub value: Option<f64>,
    /// Number of pages with a value.
    pub pages: u64,
    /// Number of official pages without a value; 0 unless they are counted.
    pub missing: u64,
}

/// Sources of statistics.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Sums by day and segment.
    pub database: &'a Database,
    /// Values by month and page.
    pub months: &'a MonthCache,
}

/// Inputs of a group's value.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// Sums of the metric's inputs, in their order.
    pub(super) inputs: Vec<Sum>,
    /// Subscribers at the end of the preceding period.
    pub(super) before: Option<u64>,
    /// The requested quantile, and the number of pages.
    pub(super) quantile: Option<(f64, u64)>,
}

pub(super) fn known(sum: Option<&Sum>) -> Option<u64> {
    sum.filter(|sum| sum.pages > 0).map(|sum| sum.sum)
}

/// Adds the groups of one step to the cells.
pub(super) fn push(
    cells: &mut Vec<Cell>,
    view: &View,
    question: &AggregateQuery<'_>,
    groups: &Groups,
    span: Span,
    numbers: BTreeMap<usize, Numbers>,
) {
    for (group, numbers) in numbers {
        worker_pool::yield_if_due();
        let keys = groups.keys[group].clone();
        let pages = numbers
            .quantile
            .map_or_else(|| numbers.inputs.first().map_or(0, |sum| u64::from(sum.pages)), |(_, pages)| pages);
        let value = match question.aggregation {
            Aggregation::Count => Some(pages as f64),
            Aggregation::Sum => {
                let inputs: Vec<Option<u64>> = numbers.inputs.iter().map(|sum| known(Some(sum))).collect();
                let population = population(view, question, &keys);
                question.metric.value(&inputs, Beside { population, before: numbers.before })
            }
            Aggregation::Median | Aggregation::P90 => numbers.quantile.map(|(value, _)| value),
        };
        if pages > 0 {
            cells.push(Cell { keys, span, value, pages, missing: 0 });
        }
    }
}

/// Population of the group's territory, else of the territories of the filter, else of all countries. `None` for the group
/// without a territory.
fn population(view: &View, question: &AggregateQuery<'_>, keys: &[DimensionValue]) -> Option<u64> {
    let of = |id: i64| {
        let population = view.territory(id)?.population?;
        u64::try_from(population).ok()
    };
    if let Some((_, territory)) = keys.iter().find(|(dimension, _)| *dimension == Dimension::Territory) {
        return territory.and_then(|territory| of(i64::from(territory)));
    }
    let filtered = question.filter.clauses().iter().find_map(|clause| match clause {
        Clause::AnyOf(Dimension::Territory, territories) => Some(territories.clone()),
        _ => None,
    });
    match filtered {
        Some(territories) => territories.iter().map(|id| of(i64::from(*id))).sum(),
        None => {
            let countries = view.territories(Kind::Country);
            countries.filter_map(|country| of(country.id)).reduce(|sum, more| sum + more)
        }
    }
}

/// Whether a period consists of whole months up to the month of `today`, which counts as whole from `today` on.
pub fn is_of_months((from, to): Span, today: NaiveDate) -> bool {
    let month = |day: NaiveDate| (day.year(), day.month());
    let next = to.checked_add_days(Days::new(1)).unwrap_or(to);
    from.day() == 1 && month(to) <= month(today) && (next.day() == 1 || to >= today)
}
