//! Aggregates by month, from the packed months of pages.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{Datelike, Months, NaiveDate};
use entities::{audience_segment::Grain, page_statistics::Metric};

use super::{
    aggregate::{AggregateQuery, Aggregation, Cell, Numbers, Source, push},
    groups::{Groups, grain},
    metric::{Beside, StatisticsMetric},
    series::Span,
};
use crate::{
    statistics::{Formula, MonthCache, Sum},
    view::View,
};

/// Aggregates over whole months; incomplete if there are more than the query's `most`.
///
/// # Errors
/// When the database fails.
pub async fn of_months(view: &View, source: Source<'_>, question: &AggregateQuery<'_>) -> Result<Vec<Cell>> {
    let is_sum = matches!(question.aggregation, Aggregation::Sum | Aggregation::Count);
    let grain = if is_sum { grain(question) } else { Grain::Full };
    let groups = Groups::new(view, question, grain);
    let mut cells = Vec::new();
    for span in question.steps {
        let numbers = if is_sum {
            sums_of_months(view, source.months, question, (&groups, grain), *span).await?
        } else {
            quantiles_of_months(view, source.months, question, &groups, *span).await?
        };
        push(&mut cells, view, question, &groups, *span, numbers);
        if cells.len() > question.most {
            break;
        }
    }
    Ok(cells)
}

/// First days of the months of a span.
fn months_of((from, to): Span) -> impl Iterator<Item = NaiveDate> {
    let first = from.with_day(1).unwrap_or(from);
    (0..).map_while(move |number| first.checked_add_months(Months::new(number)).filter(|month| *month <= to))
}

/// Months from which the metric of a span is computed: all for a flow, the last one for a stock.
pub(super) fn months_for(metric: Metric, span: Span) -> Vec<NaiveDate> {
    let months = months_of(span);
    if metric.is_stock() { months.last().into_iter().collect() } else { months.collect() }
}

async fn sums_of_months(
    view: &View,
    months: &MonthCache,
    question: &AggregateQuery<'_>,
    (groups, grain): (&Groups, Grain),
    span: Span,
) -> Result<BTreeMap<usize, Numbers>> {
    let inputs = question.metric.inputs();
    let mut numbers: BTreeMap<usize, Numbers> = BTreeMap::new();
    for (index, metric) in inputs.iter().enumerate() {
        for month in months_for(*metric, span) {
            let sums = months.sums(view, month, *metric, grain).await?;
            for (group, sum) in grouped(groups, &sums) {
                let number = numbers.entry(group).or_default();
                number.inputs.resize(inputs.len(), Sum::default());
                let known = &mut number.inputs[index];
                known.sum += sum.sum;
                // The number of pages over several months is that of the month with the most.
                known.pages = known.pages.max(sum.pages);
            }
        }
    }
    if question.metric == StatisticsMetric::Growth30D {
        let last = months_for(Metric::Subscribers, span);
        for month in last.into_iter().filter_map(|month| month.checked_sub_months(Months::new(1))) {
            let sums = months.sums(view, month, Metric::Subscribers, grain).await?;
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
        if let Some(group) = groups.of_segment(segment) {
            let known = by_group.entry(group).or_default();
            known.sum += sum.sum;
            known.pages += sum.pages;
        }
    }
    by_group
}

async fn quantiles_of_months(
    view: &View,
    months: &MonthCache,
    question: &AggregateQuery<'_>,
    groups: &Groups,
    span: Span,
) -> Result<BTreeMap<usize, Numbers>> {
    let metric = question.metric;
    let formula = Formula {
        name: metric.name(),
        inputs: &metric.inputs(),
        before: (metric == StatisticsMetric::Growth30D).then_some(Metric::Subscribers),
        value: &|inputs, before| metric.value(inputs, Beside { population: None, before }),
    };
    let of_span: Vec<NaiveDate> = months_of(span).collect();
    let values = months.values(view, &of_span, &formula).await?;
    let share = if question.aggregation == Aggregation::P90 { 0.9 } else { 0.5 };
    let quantiles = values.quantiles(groups.keys.len(), |segment| groups.of_segment(segment), share);
    let quantiles = quantiles.into_iter().enumerate().filter_map(|(group, quantile)| {
        Some((group, Numbers { quantile: Some(quantile?), ..Numbers::default() }))
    });
    Ok(quantiles.collect())
}
