//! Places by a metric: subjects of one kind in the order of their values, equal ones on one place.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use chrono::{Datelike, Months, NaiveDate};
use entities::{organization, page_statistics::Metric};
use roaring::RoaringBitmap;

use crate::{
    analytics::{Beside, StatisticsMetric},
    statistics::{Column, MonthCache, total},
    view::View,
};

/// What gets a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pages.
    Page,
    /// Organizations, by all their pages.
    Organization(Option<organization::Kind>),
    /// Regions, by the pages of all organizations there.
    Region,
}

/// First day of the first and of the last month that places are of.
pub type MonthSpan = (NaiveDate, NaiveDate);

/// What is asked.
pub struct Question<'a> {
    /// What gets a place.
    pub kind: Kind,
    /// Pages that count.
    pub pages: &'a RoaringBitmap,
    /// What places go by.
    pub metric: StatisticsMetric,
    /// Months that places are of.
    pub months: MonthSpan,
}

/// Place of a subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The subject.
    pub id: i64,
    /// Its value.
    pub value: f64,
    /// Its place: one more than the number of those with more; equal ones share it.
    pub rank: u64,
    /// Its place in as many months before; none where it had no value then.
    pub former_rank: Option<u64>,
}

/// All places, the first one first; equal ones by their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn places(view: &View, months: &MonthCache, question: &Question<'_>) -> Result<Vec<Place>> {
    let (first, last) = question.months;
    let length = Months::new(months_between(first, last));
    let now = values(view, months, question, (first, last)).await?;
    let before = match (first.checked_sub_months(length), last.checked_sub_months(length)) {
        (Some(first), Some(last)) => values(view, months, question, (first, last)).await?,
        _ => HashMap::new(),
    };
    let (ranked, ranked_before) = (Ranked::new(&now), Ranked::new(&before));
    let mut places: Vec<Place> = now
        .into_iter()
        .map(|(id, value)| Place {
            id,
            value,
            rank: ranked.rank(value),
            former_rank: before.get(&id).map(|value| ranked_before.rank(*value)),
        })
        .collect();
    places.sort_unstable_by(|left, right| right.value.total_cmp(&left.value).then(left.id.cmp(&right.id)));
    Ok(places)
}

/// Number of months from one to another, both included.
pub fn months_between(first: NaiveDate, last: NaiveDate) -> u32 {
    let number = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
    (number(last) - number(first) + 1).unsigned_abs()
}

/// Values in their order, to tell places.
struct Ranked(Vec<f64>);

impl Ranked {
    fn new(values: &HashMap<i64, f64>) -> Self {
        let mut sorted: Vec<f64> = values.values().copied().collect();
        sorted.sort_unstable_by(|left, right| right.total_cmp(left));
        Self(sorted)
    }

    fn rank(&self, value: f64) -> u64 {
        self.0.partition_point(|more| *more > value) as u64 + 1
    }
}

/// Value of each subject that has one.
///
/// # Errors
/// When the database does not answer.
pub async fn values(
    view: &View,
    months: &MonthCache,
    question: &Question<'_>,
    (first, last): MonthSpan,
) -> Result<HashMap<i64, f64>> {
    let inputs = question.metric.inputs();
    let mut columns: Vec<Vec<Arc<Column>>> = Vec::with_capacity(inputs.len());
    for metric in &inputs {
        columns.push(columns_of(view, months, *metric, (first, last)).await?);
    }
    let before = match (question.metric, last.checked_sub_months(Months::new(1))) {
        (StatisticsMetric::Growth30D, Some(month)) => {
            columns_of(view, months, Metric::Subscribers, (month, month)).await?
        }
        _ => Vec::new(),
    };
    let mut sums: HashMap<i64, (Vec<Option<u64>>, Option<u64>)> = HashMap::new();
    let mut of_page = Vec::with_capacity(inputs.len());
    for page_id in question.pages {
        of_page.clear();
        of_page.extend(columns.iter().map(|columns| total(columns, page_id)));
        if of_page.iter().all(Option::is_none) {
            continue;
        }
        let Some(subject) = subject(view, question.kind, page_id) else { continue };
        let (known, before_known) = sums.entry(subject).or_insert_with(|| (vec![None; inputs.len()], None));
        known.iter_mut().zip(&of_page).for_each(|(known, more)| *known = sum(*known, *more));
        *before_known = sum(*before_known, total(&before, page_id));
    }
    let values = sums.into_iter().filter_map(|(id, (inputs, before))| {
        let population = if question.kind == Kind::Region { population(view, id) } else { None };
        Some((id, question.metric.value(&inputs, Beside { population, before })?))
    });
    Ok(values.collect())
}

async fn columns_of(
    view: &View,
    months: &MonthCache,
    metric: Metric,
    (first, last): MonthSpan,
) -> Result<Vec<Arc<Column>>> {
    let first = if metric.is_stock() { last } else { first };
    let mut columns = Vec::new();
    for month in
        (0..months_between(first, last)).filter_map(|number| first.checked_add_months(Months::new(number)))
    {
        columns.push(months.figures(view, month, metric).await?);
    }
    Ok(columns)
}

fn sum(left: Option<u64>, right: Option<u64>) -> Option<u64> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left + right),
        (one, other) => one.or(other),
    }
}

/// What a page counts for.
fn subject(view: &View, kind: Kind, page_id: u32) -> Option<i64> {
    let page = match kind {
        Kind::Page => return Some(i64::from(page_id)),
        _ => view.page(i64::from(page_id))?,
    };
    match kind {
        Kind::Organization(Some(wanted)) => {
            Some(page.owner()).filter(|owner| owner.kind == wanted).map(|it| it.id)
        }
        Kind::Organization(None) => Some(page.owner_id),
        Kind::Region => view.region_of(page.owner().territory_id?),
        Kind::Page => None,
    }
}

fn population(view: &View, territory_id: i64) -> Option<u64> {
    u64::try_from(view.territory(territory_id)?.population?).ok()
}
