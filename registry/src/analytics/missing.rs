//! Pages without a value: official pages, registered by the end of a step, that have none in it. Each counts in the group of its
//! current state, so that the numbers of the groups add up to that of all pages, wherever pages have moved since.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{Days, NaiveDate};
use entities::{page::Lifecycle, page_statistics::Metric};
use roaring::RoaringBitmap;

use super::{
    aggregate::{AggregateQuery, Aggregation, Cell, Source},
    by_month::months_for,
    series::Span,
};
use crate::{
    database::Database,
    snapshot::{Clause, Dimension},
    statistics::{MonthCache, days_with_value},
    view::{DimensionValue, View},
};

/// Maximum number of values of pages by day that are looked up.
const MAX_LOOKED_UP: u64 = 400_000;
/// Pages that one statement looks up.
const AT_ONCE: usize = 5_000;

/// Official pages of a query, by group.
pub struct Missing<'a> {
    view: &'a View,
    question: &'a AggregateQuery<'a>,
    groups: Vec<(Vec<DimensionValue>, RoaringBitmap)>,
}

impl<'a> Missing<'a> {
    /// The groups of the official pages that pass the filter of a query.
    pub fn new(view: &'a View, question: &'a AggregateQuery<'a>) -> Self {
        let mut official = question.filter.clone();
        official.add(Clause::AnyOf(Dimension::Lifecycle, vec![Lifecycle::Registered as u32]));
        let groups = view.cut(view.group(&official), question.by, question.territories, usize::MAX);
        let groups = groups.unwrap_or_default().into_iter().map(|group| (group.keys, group.pages));
        Self { view, question, groups: groups.collect() }
    }

    /// Whether there are too many pages and days to look up which pages have a value on which day.
    pub fn are_too_many_by_day(&self) -> bool {
        let pages: u64 = self.groups.iter().map(|(_, pages)| pages.len()).sum();
        pages.saturating_mul(self.steps().count() as u64) > MAX_LOOKED_UP
    }

    /// Sets the numbers of missing pages of the cells, and adds cells for groups of which no page has a value.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, source: Source<'_>, is_by_day: bool, cells: &mut Vec<Cell>) -> Result<()> {
        let Some(metric) = self.question.metric.inputs().into_iter().next() else { return Ok(()) };
        let mut of_days = match is_by_day {
            true => self.by_day(source.database, metric).await?,
            false => HashMap::new(),
        };
        let known = cells.iter().enumerate().map(|(index, cell)| ((cell.span, cell.keys.clone()), index));
        let known: HashMap<(Span, Vec<DimensionValue>), usize> = known.collect();
        let (mut registered, mut since) = (RoaringBitmap::new(), NaiveDate::MIN);
        for span in self.steps() {
            registered |= self.view.pages_between(Dimension::RegisteredOn, (since, span.1));
            since = span.1 + Days::new(1);
            let with_value = match is_by_day {
                true => of_days.remove(&span.0).unwrap_or_default(),
                false => self.of_months(source.months, metric, *span).await?,
            };
            let without_value = &registered - &with_value;
            for (keys, pages) in &self.groups {
                let missing = pages.intersection_len(&without_value);
                match known.get(&(*span, keys.clone())) {
                    Some(index) => cells[*index].missing = missing,
                    None if missing > 0 => cells.push(self.empty(keys, *span, missing)),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Steps that have begun.
    fn steps(&self) -> impl Iterator<Item = &'a Span> {
        let today = self.view.day();
        self.question.steps.iter().filter(move |span| span.0 <= today)
    }

    /// Cell of a group of which no page has a value.
    fn empty(&self, keys: &[DimensionValue], span: Span, missing: u64) -> Cell {
        let value = (self.question.aggregation == Aggregation::Count).then_some(0.0);
        Cell { keys: keys.to_vec(), span, value, pages: 0, missing }
    }

    /// Pages that have a value on each day.
    async fn by_day(&self, database: &Database, metric: Metric) -> Result<HashMap<NaiveDate, RoaringBitmap>> {
        let mut of_days: HashMap<NaiveDate, RoaringBitmap> = HashMap::new();
        let (Some(first), Some(last)) = (self.steps().next(), self.steps().last()) else {
            return Ok(of_days);
        };
        let pages: Vec<i64> = self.groups.iter().flat_map(|(_, pages)| pages.iter().map(i64::from)).collect();
        for pages in pages.chunks(AT_ONCE) {
            for (page_id, day) in days_with_value(database, pages, (first.0, last.1), metric).await? {
                of_days.entry(day).or_default().insert(u32::try_from(page_id)?);
            }
        }
        Ok(of_days)
    }

    /// Pages that have a value in the months of a span: for subscribers, in the last one.
    async fn of_months(&self, months: &MonthCache, metric: Metric, span: Span) -> Result<RoaringBitmap> {
        let mut pages = RoaringBitmap::new();
        for month in months_for(metric, span) {
            let figures = months.figures(self.view, month, metric).await?;
            pages.extend(figures.iter().map(|(page_id, _)| page_id));
        }
        Ok(pages)
    }
}
