//! Aggregates of figures: over all pages that pass, cut up by what pages are counted among and by time.

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
    snapshot::{Clause, Dimension, FacetKey, Filter},
    statistics::{MonthCache, Sum},
    view::View,
};

/// How figures of pages become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// Sum over the pages; of computed metrics, the metric of the sums.
    Sum,
    /// The number that half of the pages do not reach.
    Median,
    /// The number that nine pages of ten do not reach.
    P90,
    /// Number of pages that have the figure.
    Count,
}

/// What is asked.
pub struct Question<'a> {
    /// Which pages count.
    pub filter: &'a Filter,
    /// What groups are made by, beside time.
    pub by: &'a [Dimension],
    /// Kind of the territories that groups are made by.
    pub territories: Kind,
    /// What is asked of them.
    pub metric: StatisticsMetric,
    /// How figures of pages become one number.
    pub aggregation: Aggregation,
    /// First and last days of the steps of time.
    pub steps: &'a [Span],
}

/// One group in one step of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Values of the dimensions, in their order.
    pub keys: Vec<FacetKey>,
    /// First and last day.
    pub span: Span,
    /// The number; none where there is none to be had.
    pub value: Option<f64>,
    /// Number of pages that it is made of.
    pub pages: u64,
}

/// Where figures are read.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Sums of days.
    pub database: &'a Database,
    /// Months of pages.
    pub months: &'a MonthCache,
}

/// What a group's number is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// Sums of the metric's inputs, in their order.
    pub(super) inputs: Vec<Sum>,
    /// Subscribers at the end of the period before.
    pub(super) before: Option<u64>,
    /// The quantile that is asked for, and the number of pages.
    pub(super) quantile: Option<(f64, u64)>,
}

pub(super) fn known(sum: Option<&Sum>) -> Option<u64> {
    sum.filter(|sum| sum.pages > 0).map(|sum| sum.sum)
}

/// Adds a step's groups to the answer.
pub(super) fn push(
    cells: &mut Vec<Cell>,
    view: &View,
    question: &Question<'_>,
    groups: &Groups,
    span: Span,
    numbers: BTreeMap<usize, Numbers>,
) {
    for (group, numbers) in numbers {
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
            cells.push(Cell { keys, span, value, pages });
        }
    }
}

/// Inhabitants of the group's territory, or else of all countries.
fn population(view: &View, question: &Question<'_>, keys: &[FacetKey]) -> Option<u64> {
    let of = |id: i64| {
        let population = view.territory(id)?.population?;
        u64::try_from(population).ok()
    };
    if let Some((_, territory)) = keys.iter().find(|(dimension, _)| *dimension == Dimension::Territory) {
        return of(i64::from(*territory));
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

/// Whether a period consists of whole months, none of them after that of today, which counts as whole up to today.
pub fn is_of_months((from, to): Span, today: NaiveDate) -> bool {
    let month = |day: NaiveDate| (day.year(), day.month());
    let next = to.checked_add_days(Days::new(1)).unwrap_or(to);
    from.day() == 1 && month(to) <= month(today) && (next.day() == 1 || to >= today)
}
