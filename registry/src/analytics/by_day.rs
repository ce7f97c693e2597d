//! Aggregates by day, from the sums that are updated on ingest.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::{Days, NaiveDate};
use entities::page_statistics::Metric;

use super::{
    aggregate::{AggregateQuery, Cell, Numbers, Source, known, push},
    groups::{Groups, grain},
    metric::StatisticsMetric,
    series::Span,
};
use crate::{
    database::Database,
    statistics::{self, Sum},
    view::View,
};

/// Aggregates by day; incomplete if there are more than the query's `most`.
///
/// # Errors
/// When the database fails.
pub async fn of_days(view: &View, source: Source<'_>, question: &AggregateQuery<'_>) -> Result<Vec<Cell>> {
    let grain = grain(question);
    let groups = Groups::new(view, question, grain);
    let inputs = question.metric.inputs();
    let segments: Vec<i32> = groups.segments().collect();
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
        if cells.len() > question.most {
            break;
        }
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
    for row in statistics::day_sums(database, segments, span, inputs).await? {
        let Some(group) = groups.of_segment(row.segment_id) else { continue };
        let sums = by_day.entry(row.day).or_default();
        add(sums.entry(group).or_insert_with(|| vec![Sum::default(); inputs.len()]), &row.sums);
    }
    Ok(by_day)
}

fn add(sums: &mut [Sum], more: &[Sum]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        sum.sum += more.sum;
        sum.pages += more.pages;
    }
}
