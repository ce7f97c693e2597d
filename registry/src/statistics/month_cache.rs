//! Cache of monthly values: read on demand, and valid while the version of the month is unchanged.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use chrono::{Months, NaiveDate};
use entities::{
    audience_segment::Grain,
    page_month::{Column as Field, Entity},
    page_statistics::Metric,
};
use moka::future::Cache;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    month::{SEGMENT, slot_of},
    packed::{BLOCK, decode_each},
    values::{Formula, PageValues},
};
use crate::{
    database::{Database, SharedError},
    model::month_number,
    view::View,
    worker_pool,
};

/// Capacity of the cache in bytes.
const MAX_BYTES: u64 = 96 << 20;

/// One number per page, indexed by page id.
pub enum Column {
    /// 32-bit numbers, each the value plus 1; 0 for none.
    Narrow(Vec<u32>),
    /// The same in 64 bits, if a number needs them.
    Wide(Vec<u64>),
}

impl Column {
    /// Number of a page.
    pub fn get(&self, page_id: u32) -> Option<u64> {
        match self {
            Self::Narrow(numbers) => u64::from(*numbers.get(page_id as usize)?).checked_sub(1),
            Self::Wide(numbers) => numbers.get(page_id as usize)?.checked_sub(1),
        }
    }

    /// Largest page id plus 1.
    pub fn len(&self) -> u32 {
        match self {
            Self::Narrow(numbers) => numbers.len() as u32,
            Self::Wide(numbers) => numbers.len() as u32,
        }
    }

    /// Whether no page has a number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pages that have a number, with the number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        (0..self.len()).filter_map(|page_id| Some((page_id, self.get(page_id)?)))
    }

    fn new(numbers: Vec<u64>) -> Self {
        if numbers.iter().all(|number| *number <= u64::from(u32::MAX)) {
            Self::Narrow(numbers.into_iter().map(|number| number as u32).collect())
        } else {
            Self::Wide(numbers)
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Narrow(numbers) => 4 * numbers.len(),
            Self::Wide(numbers) => 8 * numbers.len(),
        }
    }
}

/// Sum of a page's numbers over several months; `None` if it has none.
pub fn total(columns: &[Arc<Column>], page_id: u32) -> Option<u64> {
    columns.iter().filter_map(|column| column.get(page_id)).reduce(u64::saturating_add)
}

/// Sum of a metric, and number of pages that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Sum over the pages.
    pub sum: u64,
    /// Number of the pages.
    pub pages: u32,
}

/// Sums by segment; the index is the segment's id.
pub type Sums = Vec<Sum>;

/// Cached values of a month.
#[derive(Clone)]
enum Cached {
    Column(Arc<Column>),
    Sums(Arc<Sums>),
    Values(Arc<PageValues>),
}

/// Part of the cache key: a column, sums of a metric, or values of a formula over a number of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    Slot(i16),
    Sums(Metric, Grain),
    Values(&'static str, usize),
}

/// Cache of monthly values, shared by all requests.
#[derive(Clone)]
pub struct MonthCache {
    database: Database,
    cache: Cache<(NaiveDate, Of, u64), Cached>,
}

impl MonthCache {
    /// Creates an empty cache.
    pub fn new(database: &Database) -> Self {
        let weigh = |_: &(NaiveDate, Of, u64), cached: &Cached| {
            let bytes = match cached {
                Cached::Column(column) => column.bytes(),
                Cached::Sums(sums) => size_of::<Sum>() * sums.len(),
                Cached::Values(values) => values.bytes(),
            };
            u32::try_from(bytes + 128).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(MAX_BYTES).weigher(weigh).build();
        Self { database: database.clone(), cache }
    }

    /// Segments of pages in a month, by page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn segments(&self, view: &View, month: NaiveDate) -> Result<Arc<Column>> {
        self.column(view, month, SEGMENT).await
    }

    /// Monthly values of a metric, by page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn figures(&self, view: &View, month: NaiveDate, metric: Metric) -> Result<Arc<Column>> {
        self.column(view, month, slot_of(metric)).await
    }

    /// Sums of a metric over the public pages of each segment of a grain, in a month.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sums(
        &self,
        view: &View,
        month: NaiveDate,
        metric: Metric,
        grain: Grain,
    ) -> Result<Arc<Sums>> {
        let version = view.month_version(month_number(month)) + view.visibility_version();
        let key = (month, Of::Sums(metric, grain), version);
        if let Some(Cached::Sums(sums)) = self.cache.get(&key).await {
            return Ok(sums);
        }
        let full = self.full_sums(view, month, metric).await?;
        let sums = Arc::new(if grain == Grain::Full { full } else { coarser(view, &full, grain) });
        self.cache.insert(key, Cached::Sums(sums.clone())).await;
        Ok(sums)
    }

    async fn full_sums(&self, view: &View, month: NaiveDate, metric: Metric) -> Result<Sums> {
        let (segments, figures) =
            (self.segments(view, month).await?, self.figures(view, month, metric).await?);
        let mut sums = Sums::new();
        for (page_id, figure) in figures.iter().filter(|(page_id, _)| view.is_summed_up(*page_id)) {
            let segment = segments.get(page_id).unwrap_or(0) as usize;
            if sums.len() <= segment {
                sums.resize(segment + 1, Sum::default());
            }
            sums[segment].sum = sums[segment].sum.saturating_add(figure);
            sums[segment].pages += 1;
        }
        Ok(sums)
    }

    /// Values of a formula for each public page over consecutive months: of flows the sum, of stocks the last value.
    /// A page counts in its segment of the last month.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn values(
        &self,
        view: &View,
        months: &[NaiveDate],
        formula: &Formula<'_>,
    ) -> Result<Arc<PageValues>> {
        let Some(last) = months.last() else { return Ok(Arc::default()) };
        let number = month_number(*last);
        // Versions only grow, so their sum changes if any of the months, or the one before, changes.
        let of_months: u64 = (0..=months.len() as i32).map(|ago| view.month_version(number - ago)).sum();
        let version = of_months + view.visibility_version();
        let key = (*last, Of::Values(formula.name, months.len()), version);
        if let Some(Cached::Values(values)) = self.cache.get(&key).await {
            return Ok(values);
        }
        let values = Arc::new(self.compute(view, months, formula).await?);
        self.cache.insert(key, Cached::Values(values.clone())).await;
        Ok(values)
    }

    async fn compute(&self, view: &View, months: &[NaiveDate], formula: &Formula<'_>) -> Result<PageValues> {
        let Some(last) = months.last() else { return Ok(PageValues::default()) };
        let segments = self.segments(view, *last).await?;
        let mut inputs = Vec::new();
        for metric in formula.inputs {
            let mut columns = Vec::new();
            for month in if metric.is_stock() { &months[months.len() - 1..] } else { months } {
                columns.push(self.input(view, *month, *metric).await?);
            }
            inputs.push(columns);
        }
        let before = match (formula.before, last.checked_sub_months(Months::new(1))) {
            (Some(metric), Some(month)) => Some(self.input(view, month, metric).await?),
            _ => None,
        };
        let counts = |page_id| view.is_summed_up(page_id);
        Ok(PageValues::compute((&segments, &counts), &inputs, before.as_deref(), formula))
    }

    /// Monthly values of a metric for a formula. They are not cached, because the result is.
    async fn input(&self, view: &View, month: NaiveDate, metric: Metric) -> Result<Arc<Column>> {
        let key = (month, Of::Slot(slot_of(metric)), view.month_version(month_number(month)));
        match self.cache.get(&key).await {
            Some(Cached::Column(column)) => Ok(column),
            _ => Ok(Arc::new(read(&self.database, month, slot_of(metric)).await?)),
        }
    }

    async fn column(&self, view: &View, month: NaiveDate, slot: i16) -> Result<Arc<Column>> {
        let key = (month, Of::Slot(slot), view.month_version(month_number(month)));
        let (cache, database) = (self.cache.clone(), self.database.clone());
        // In its own task: a cancelled request must not cancel the read that others wait for.
        let reading = worker_pool::spawn(async move {
            let read = async { anyhow::Ok(Cached::Column(Arc::new(read(&database, month, slot).await?))) };
            cache.try_get_with(key, read).await
        });
        match reading.await? {
            Ok(Cached::Column(column)) => Ok(column),
            Ok(_) => Err(anyhow!("the cache entry of a column has another type")),
            Err(error) => Err(SharedError(error).into()),
        }
    }
}

/// Sums of the coarser segments that the full ones are part of.
fn coarser(view: &View, full: &Sums, grain: Grain) -> Sums {
    let segments = view.segments();
    let mut sums = vec![Sum::default(); segments.len() as usize + 1];
    for (id, sum) in (0..).zip(full).filter(|(_, sum)| sum.pages > 0) {
        let part_of = segments.get(id).and_then(|segment| segments.id(&segment.at(grain)));
        if let Some(known) = part_of.and_then(|id| sums.get_mut(id as usize)) {
            known.sum = known.sum.saturating_add(sum.sum);
            known.pages += sum.pages;
        }
    }
    sums
}

async fn read(database: &Database, month: NaiveDate, slot: i16) -> Result<Column> {
    let rows = Entity::find().filter(Field::Month.eq(month)).filter(Field::Slot.eq(slot));
    let mut numbers: Vec<u64> = Vec::new();
    for row in rows.order_by_asc(Field::Block).all(&database.read).await? {
        numbers.resize(row.block as usize * BLOCK as usize, 0);
        numbers.extend(decode_each(&row.packed).map(|number| number.map_or(0, |number| number + 1)));
    }
    Ok(Column::new(numbers))
}
