//! Leaderboards: subjects of one kind ranked by a metric; ties share a rank.

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

/// Kind of subject that is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pages.
    Page,
    /// Organizations, by their pages.
    Organization(Option<organization::Kind>),
    /// Regions, by the pages of all organizations in them.
    Region,
}

/// First day of the first month and of the last month of a period.
pub type MonthSpan = (NaiveDate, NaiveDate);

/// Query of a leaderboard.
pub struct LeaderboardQuery<'a> {
    /// Kind of subject that is ranked.
    pub kind: Kind,
    /// Pages that count.
    pub pages: &'a RoaringBitmap,
    /// Metric to rank by.
    pub metric: StatisticsMetric,
    /// Months of the period.
    pub months: MonthSpan,
}

/// Ranked subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankedEntry {
    /// Id of the subject.
    pub id: i64,
    /// Value of the metric.
    pub value: f64,
    /// Rank: 1 plus the number of subjects with a higher value; ties share a rank.
    pub rank: u64,
    /// Rank in the preceding period of the same number of months; `None` if the subject had no value in it.
    pub former_rank: Option<u64>,
}

impl RankedEntry {
    /// The former rank minus the rank, positive for a rise; `None` without a former rank.
    pub fn change(&self) -> Option<i64> {
        Some(i64::try_from(self.former_rank?).ok()? - i64::try_from(self.rank).ok()?)
    }
}

/// All ranked subjects, highest value first; ties by id.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    view: &View,
    months: &MonthCache,
    question: &LeaderboardQuery<'_>,
) -> Result<Vec<RankedEntry>> {
    let (first, last) = question.months;
    let length = Months::new(months_between(first, last));
    let now = values(view, months, question, (first, last)).await?;
    let before = match (first.checked_sub_months(length), last.checked_sub_months(length)) {
        (Some(first), Some(last)) => values(view, months, question, (first, last)).await?,
        _ => HashMap::new(),
    };
    let (ranked, ranked_before) = (Ranked::new(&now), Ranked::new(&before));
    let mut entries: Vec<RankedEntry> = now
        .into_iter()
        .map(|(id, value)| RankedEntry {
            id,
            value,
            rank: ranked.rank(value),
            former_rank: before.get(&id).map(|value| ranked_before.rank(*value)),
        })
        .collect();
    entries.sort_unstable_by(|left, right| right.value.total_cmp(&left.value).then(left.id.cmp(&right.id)));
    Ok(entries)
}

/// Number of months from one to another, inclusive.
pub fn months_between(first: NaiveDate, last: NaiveDate) -> u32 {
    let number = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
    (number(last) - number(first) + 1).unsigned_abs()
}

/// Values in descending order, for ranks.
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
/// When the database fails.
pub async fn values(
    view: &View,
    months: &MonthCache,
    question: &LeaderboardQuery<'_>,
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

/// Subject that a page counts for.
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
