//! Aggregates of figures: over all pages that pass, cut up by what pages are counted among and by time.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::{Datelike, Days, Months, NaiveDate};
use entities::{audience_segment::Grain, page_statistics::Metric, territory::Kind};

use super::{
    groups::{Groups, grain},
    metric::{Beside, StatisticsMetric},
    quantile::quantile,
    series::Span,
};
use crate::{
    database::Database,
    facts::{self, Column, MonthCache, Sum},
    snapshot::{Clause, Dimension, FacetKey, Filter, View},
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

/// Answers a question about whole months.
///
/// # Errors
/// When the database does not answer.
pub async fn of_months(view: &View, source: Source<'_>, question: &Question<'_>) -> Result<Vec<Cell>> {
    let groups = Groups::new(view, question, Grain::Full);
    let mut cells = Vec::new();
    for span in question.steps {
        let numbers = match question.aggregation {
            Aggregation::Sum | Aggregation::Count => {
                sums_of_months(view, source.months, question, &groups, *span).await?
            }
            Aggregation::Median | Aggregation::P90 => {
                quantiles_of_months(view, source.months, question, &groups, *span).await?
            }
        };
        push(&mut cells, view, question, &groups, *span, numbers);
    }
    Ok(cells)
}

/// Answers a question about single days.
///
/// # Errors
/// When the database does not answer.
pub async fn of_days(view: &View, source: Source<'_>, question: &Question<'_>) -> Result<Vec<Cell>> {
    let grain = grain(question);
    let groups = Groups::new(view, question, grain);
    let inputs = question.metric.inputs();
    let segments: Vec<i32> = groups.of_segment.keys().copied().collect();
    let mut by_day =
        sums_of_days(source.database, &groups, &segments, bounds(question.steps, 0), &inputs).await?;
    let before = match question.metric {
        StatisticsMetric::Growth30D => {
            sums_of_days(source.database, &groups, &segments, bounds(question.steps, 30), &inputs).await?
        }
        _ => HashMap::new(),
    };
    let mut cells = Vec::new();
    for span in question.steps {
        let earlier = before.get(&(span.0 - Days::new(30)));
        let numbers = by_day.remove(&span.0).unwrap_or_default().into_iter().map(|(group, sums)| {
            let before = earlier.and_then(|groups| groups.get(&group)).and_then(|sums| known(sums.first()));
            (group, Numbers { inputs: sums, before, quantile: None })
        });
        push(&mut cells, view, question, &groups, *span, numbers.collect());
    }
    Ok(cells)
}

fn bounds(steps: &[Span], earlier: u64) -> Span {
    let first = steps.first().map_or(NaiveDate::MIN, |span| span.0);
    let last = steps.last().map_or(NaiveDate::MIN, |span| span.1);
    (first - Days::new(earlier), last - Days::new(earlier))
}

type ByDay = HashMap<NaiveDate, BTreeMap<usize, Vec<Sum>>>;

async fn sums_of_days(
    database: &Database,
    groups: &Groups,
    segments: &[i32],
    span: Span,
    inputs: &[Metric],
) -> Result<ByDay> {
    let mut by_day = ByDay::new();
    for row in facts::day_sums(database, segments, span, inputs).await? {
        let Some(group) = groups.of_segment.get(&row.segment_id) else { continue };
        let sums = by_day.entry(row.day).or_default();
        add(sums.entry(*group).or_insert_with(|| vec![Sum::default(); inputs.len()]), &row.sums);
    }
    Ok(by_day)
}

fn add(sums: &mut [Sum], more: &[Sum]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        sum.sum += more.sum;
        sum.pages += more.pages;
    }
}

/// What a group's number is made of.
#[derive(Clone, Debug, Default)]
struct Numbers {
    inputs: Vec<Sum>,
    before: Option<u64>,
    quantile: Option<(f64, u64)>,
}

fn known(sum: Option<&Sum>) -> Option<u64> {
    sum.filter(|sum| sum.pages > 0).map(|sum| sum.sum)
}

fn push(
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

/// First days of the months of a span.
fn months_of((from, to): Span) -> impl Iterator<Item = NaiveDate> {
    let first = from.with_day(1).unwrap_or(from);
    (0..).map_while(move |number| first.checked_add_months(Months::new(number)).filter(|month| *month <= to))
}

/// Months that a figure of a span is made of: all of them for what happened, the last one for a state.
fn months_for(metric: Metric, span: Span) -> Vec<NaiveDate> {
    let months = months_of(span);
    if metric.is_stock() { months.last().into_iter().collect() } else { months.collect() }
}

async fn sums_of_months(
    view: &View,
    months: &MonthCache,
    question: &Question<'_>,
    groups: &Groups,
    span: Span,
) -> Result<BTreeMap<usize, Numbers>> {
    let inputs = question.metric.inputs();
    let mut numbers: BTreeMap<usize, Numbers> = BTreeMap::new();
    for (place, metric) in inputs.iter().enumerate() {
        for month in months_for(*metric, span) {
            let sums = months.sums(view, month, *metric).await?;
            for (group, sum) in grouped(groups, &sums) {
                let number = numbers.entry(group).or_default();
                number.inputs.resize(inputs.len(), Sum::default());
                let known = &mut number.inputs[place];
                known.sum += sum.sum;
                // Pages of several months are those of the month with most of them.
                known.pages = known.pages.max(sum.pages);
            }
        }
    }
    if question.metric == StatisticsMetric::Growth30D {
        let last = months_for(Metric::Subscribers, span);
        for month in last.into_iter().filter_map(|month| month.checked_sub_months(Months::new(1))) {
            let sums = months.sums(view, month, Metric::Subscribers).await?;
            for (group, sum) in grouped(groups, &sums) {
                numbers.entry(group).or_default().before = Some(sum.sum).filter(|_| sum.pages > 0);
            }
        }
    }
    Ok(numbers)
}

/// Sums by group of sums by segment.
fn grouped(groups: &Groups, sums: &[Sum]) -> BTreeMap<usize, Sum> {
    let mut by_group: BTreeMap<usize, Sum> = BTreeMap::new();
    for (segment, sum) in (0..).zip(sums).filter(|(_, sum)| sum.pages > 0) {
        if let Some(group) = groups.of_segment.get(&segment) {
            let known = by_group.entry(*group).or_default();
            known.sum += sum.sum;
            known.pages += sum.pages;
        }
    }
    by_group
}

async fn quantiles_of_months(
    view: &View,
    months: &MonthCache,
    question: &Question<'_>,
    groups: &Groups,
    span: Span,
) -> Result<BTreeMap<usize, Numbers>> {
    let Some(last) = months_of(span).last() else { return Ok(BTreeMap::new()) };
    let segments = months.segments(view, last).await?;
    let mut inputs = Vec::new();
    for metric in question.metric.inputs() {
        let mut columns = Vec::new();
        for month in months_for(metric, span) {
            columns.push(months.figures(view, month, metric).await?);
        }
        inputs.push(columns);
    }
    let before = match last.checked_sub_months(Months::new(1)) {
        Some(month) if question.metric == StatisticsMetric::Growth30D => {
            Some(months.figures(view, month, Metric::Subscribers).await?)
        }
        _ => None,
    };
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); groups.keys.len()];
    for (page_id, segment) in segments.iter() {
        let Some(group) = groups.of_segment.get(&(segment as i32)) else { continue };
        let inputs: Vec<Option<u64>> = inputs.iter().map(|columns| total(columns, page_id)).collect();
        let before = before.as_ref().and_then(|column| column.get(page_id));
        values[*group].extend(question.metric.value(&inputs, Beside { population: None, before }));
    }
    let share = if question.aggregation == Aggregation::P90 { 0.9 } else { 0.5 };
    let quantiles = values.into_iter().enumerate().filter_map(|(group, values)| {
        let pages = values.len() as u64;
        Some((group, Numbers { quantile: Some((quantile(values, share)?, pages)), ..Numbers::default() }))
    });
    Ok(quantiles.collect())
}

fn total(columns: &[std::sync::Arc<Column>], page_id: u32) -> Option<u64> {
    columns.iter().filter_map(|column| column.get(page_id)).reduce(|sum, more| sum + more)
}

/// Whether a period consists of whole months, the last one up to today at least.
pub fn is_of_months((from, to): Span, today: NaiveDate) -> bool {
    let next = to.checked_add_days(Days::new(1)).unwrap_or(to);
    from.day() == 1 && (next.day() == 1 || to >= today)
}
