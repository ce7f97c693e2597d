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
    view::{DimensionValue, Group, View},
    worker_pool,
};

/// Maximum number of values of pages by day that are looked up.
pub(super) const MAX_LOOKED_UP: u64 = 400_000;
/// Pages that one statement looks up.
pub(super) const AT_ONCE: usize = 5_000;

/// Indexes of the cells of one step of time, by their keys.
type Indexes = HashMap<Vec<DimensionValue>, usize>;

/// Official pages of a query.
pub struct Missing<'a> {
    view: &'a View,
    question: &'a AggregateQuery<'a>,
    official: Group,
}

impl<'a> Missing<'a> {
    /// The official pages that pass the filter of a query, of those that aggregates count.
    pub fn new(view: &'a View, question: &'a AggregateQuery<'a>) -> Self {
        let mut filter = question.filter.clone();
        filter.add(Clause::AnyOf(Dimension::Lifecycle, vec![Lifecycle::Registered as u32]));
        let mut official = view.group(&filter);
        official.pages = view.summed_up(&official.pages);
        Self { view, question, official }
    }

    /// Whether there are too many pages and days to look up which pages have a value on which day.
    pub fn are_too_many_by_day(&self) -> bool {
        self.official.pages.len().saturating_mul(self.steps().count() as u64) > MAX_LOOKED_UP
    }

    /// Sets the numbers of missing pages of the cells, and adds cells for groups of which no page has a value. `false` if there
    /// are more groups or cells than the query's `most`: the numbers are incomplete then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, source: Source<'_>, is_by_day: bool, cells: &mut Vec<Cell>) -> Result<bool> {
        let question = self.question;
        let Some(metric) = question.metric.inputs().into_iter().next() else { return Ok(true) };
        let groups = self.view.cut(self.official.clone(), question.by, question.territories, question.most);
        let Some(groups) = groups else { return Ok(false) };
        let mut of_days = match is_by_day {
            true => self.by_day(source.database, metric).await?,
            false => HashMap::new(),
        };
        let mut known = by_span(cells);
        let (mut registered, mut since) = (RoaringBitmap::new(), NaiveDate::MIN);
        for span in self.steps() {
            registered |= self.view.pages_between(Dimension::RegisteredOn, (since, span.1));
            since = span.1 + Days::new(1);
            let with_value = match is_by_day {
                true => of_days.remove(&span.0).unwrap_or_default(),
                false => self.of_months(source.months, metric, *span).await?,
            };
            let without_value = (&registered & &self.official.pages) - with_value;
            let known = known.remove(span).unwrap_or_default();
            if !self.count_step(&groups, (*span, &without_value), &known, cells) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same for one step of time, with its pages without a value.
    fn count_step(
        &self,
        groups: &[Group],
        (span, without_value): (Span, &RoaringBitmap),
        known: &Indexes,
        cells: &mut Vec<Cell>,
    ) -> bool {
        if without_value.is_empty() {
            return true;
        }
        for group in groups {
            worker_pool::yield_if_due();
            let missing = group.pages.intersection_len(without_value);
            match known.get(&group.keys) {
                _ if missing == 0 => {}
                Some(index) => cells[*index].missing = missing,
                None if cells.len() >= self.question.most => return false,
                None => cells.push(self.empty(&group.keys, span, missing)),
            }
        }
        true
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
        let pages: Vec<i64> = self.official.pages.iter().map(i64::from).collect();
        for pages in pages.chunks(AT_ONCE) {
            for (page_id, day) in days_with_value(database, pages, (first.0, last.1), Some(metric)).await? {
                of_days.entry(day).or_default().insert(u32::try_from(page_id)?);
            }
        }
        Ok(of_days)
    }

    /// Pages that have a value in the months of a span: for subscribers, in the last one.
    async fn of_months(&self, months: &MonthCache, metric: Metric, span: Span) -> Result<RoaringBitmap> {
        let mut pages = RoaringBitmap::new();
        for month in months_for(metric, span) {
            worker_pool::yield_if_due();
            let figures = months.figures(self.view, month, metric).await?;
            pages.extend(figures.iter().map(|(page_id, _)| page_id));
        }
        Ok(pages)
    }
}

/// Indexes of cells by step of time.
fn by_span(cells: &[Cell]) -> HashMap<Span, Indexes> {
    let mut by_span: HashMap<Span, Indexes> = HashMap::new();
    for (index, cell) in cells.iter().enumerate() {
        by_span.entry(cell.span).or_default().insert(cell.keys.clone(), index);
    }
    by_span
}
