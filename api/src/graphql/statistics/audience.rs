//! Aggregates of statistics across pages, for the field `audience` and for files.

use async_graphql::{Enum, SimpleObject};
use chrono::NaiveDate;
use entities::territory::Kind;
use registry::{
    analytics::{
        self,
        aggregate::{self, AggregateQuery, Aggregation, Cell, Source},
        by_day, by_month,
        missing::Missing,
        series::{self, MAX_POINTS, Span, Step},
    },
    snapshot::{Dimension, Filter},
    view::View,
};

use super::{
    filter::AudienceFilter,
    group_by::{AudienceGroupBy, dimensions},
    metric::StatisticsMetric,
};
use crate::graphql::{
    error::{Error, Result},
    group::{GroupKey, named},
    kit::{
        date_range::DateRange,
        group::{GroupDimension, MAX_GROUPS, too_many_groups},
        scalar::{Date, SafeInt},
    },
    territory::TerritoryKind,
};

/// Aggregation across pages.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AudienceAggregation {
    /// Sum across pages; derived metrics are computed from the summed inputs.
    Sum,
    /// Median across pages; whole months only.
    Median,
    /// 90th percentile across pages; whole months only.
    P90,
    /// Number of pages with a value; for a derived metric, pages with a value of its first input.
    Count,
}

impl From<AudienceAggregation> for Aggregation {
    fn from(aggregation: AudienceAggregation) -> Self {
        match aggregation {
            AudienceAggregation::Sum => Self::Sum,
            AudienceAggregation::Median => Self::Median,
            AudienceAggregation::P90 => Self::P90,
            AudienceAggregation::Count => Self::Count,
        }
    }
}

/// Aggregate of one group.
#[derive(SimpleObject)]
pub struct AudienceGroup<'a> {
    /// Value of each dimension for this group, in the order of `groupBy`, without `DAY` and `MONTH`.
    pub keys: Vec<GroupKey<'a>>,
    /// First day of the aggregate.
    pub from: Date,
    /// Last day of the aggregate.
    pub to: Date,
    /// Aggregated value; null if it cannot be computed from the statistics.
    pub value: Option<f64>,
    /// Number of public pages, also archived and compromised ones, with a value; if the group spans several months, the highest monthly number.
    pub pages_counted: SafeInt,
    /// Number of official pages, registered by the last day, without a value (of the first input, for a derived metric). Each
    /// counts in the group of its present owner, so that the groups add up to the total; 0 if the first day is in the future.
    /// By day, only up to 400,000 pages times days.
    pub pages_missing: SafeInt,
    /// Whether the last day has ended in the registry's time zone; partial statistics may still be replaced.
    pub is_final: bool,
}

/// Arguments of `audience`.
pub struct AudienceArguments {
    /// Filter for the pages.
    pub filter: AudienceFilter,
    /// Dimensions to group by.
    pub group_by: Vec<AudienceGroupBy>,
    /// Kind of territory that `TERRITORY` groups by.
    pub territory_kind: TerritoryKind,
    /// Metric to aggregate.
    pub metric: StatisticsMetric,
    /// Aggregation across pages.
    pub aggregation: AudienceAggregation,
    /// Period of the statistics.
    pub period: DateRange,
}

/// Whether numbers of missing pages are computed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MissingPages {
    /// They are left out.
    LeftOut,
    /// They are counted; too many pages and days are an error.
    Counted,
    /// They are counted unless there are too many pages and days.
    CountedIfFew,
}

/// Groups of a query.
pub struct AudienceGroups<'a> {
    /// The groups, ordered by their keys, then by time.
    pub groups: Vec<AudienceGroup<'a>>,
    /// Whether missing pages were counted; their numbers are 0 otherwise.
    pub with_missing: bool,
}

/// Aggregates to compute, from arguments that were checked.
pub struct AudienceQuestion {
    filter: Filter,
    by: Vec<GroupDimension>,
    territories: Kind,
    metric: analytics::StatisticsMetric,
    aggregation: Aggregation,
    days: Span,
    steps: Vec<Span>,
    is_by_day: bool,
}

impl AudienceArguments {
    /// Checks the arguments against the registry.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn check(self, view: &View) -> Result<AudienceQuestion> {
        let territories = self.territory_kind.into();
        let today = view.day();
        Ok(AudienceQuestion {
            filter: self.filter.compile(view)?,
            by: dimensions(view, &self.group_by, territories)?,
            steps: steps(self.period, &self.group_by, self.aggregation, today)?,
            territories,
            metric: self.metric.into(),
            aggregation: self.aggregation.into(),
            days: self.period.span(today)?,
            is_by_day: self.group_by.contains(&AudienceGroupBy::Day),
        })
    }
}

impl AudienceQuestion {
    /// Dimensions to group by, except time.
    pub fn by(&self) -> &[GroupDimension] {
        &self.by
    }

    /// First and last day of the period.
    pub fn days(&self) -> Span {
        self.days
    }

    /// Computes the groups.
    ///
    /// # Errors
    /// When there are too many groups or too many pages to count missing ones by day, or the database fails.
    pub async fn groups<'a>(
        &self,
        view: &'a View,
        source: Source<'_>,
        missing_pages: MissingPages,
    ) -> Result<AudienceGroups<'a>> {
        let dimensions: Vec<Dimension> = self.by.iter().map(|by| (*by).into()).collect();
        let query = self.query(&dimensions);
        let missing = self.missing(view, &query, missing_pages)?;
        let mut cells = match self.is_by_day {
            true => by_day::of_days(view, source, &query).await?,
            false => by_month::of_months(view, source, &query).await?,
        };
        let has_all = match &missing {
            Some(missing) if cells.len() <= MAX_GROUPS => {
                missing.count(source, self.is_by_day, &mut cells).await?
            }
            _ => cells.len() <= MAX_GROUPS,
        };
        if !has_all {
            return Err(too_many_groups());
        }
        Ok(AudienceGroups { with_missing: missing.is_some(), groups: to_groups(view, &self.by, cells) })
    }

    /// The pages of which missing ones are counted; `None` if they are not. By day, they must be looked up.
    fn missing<'q>(
        &self,
        view: &'q View,
        query: &'q AggregateQuery<'q>,
        missing_pages: MissingPages,
    ) -> Result<Option<Missing<'q>>> {
        if missing_pages == MissingPages::LeftOut {
            return Ok(None);
        }
        let missing = Missing::new(view, query);
        if !self.is_by_day || !missing.are_too_many_by_day() {
            return Ok(Some(missing));
        }
        if missing_pages == MissingPages::CountedIfFew {
            return Ok(None);
        }
        let text = "There are too many pages for `pagesMissing` by day; use a shorter `period` or a `filter`, or leave the \
                    field out.";
        Err(Error::BadInput(text.into()))
    }

    fn query<'q>(&'q self, dimensions: &'q [Dimension]) -> AggregateQuery<'q> {
        AggregateQuery {
            filter: &self.filter,
            by: dimensions,
            territories: self.territories,
            metric: self.metric,
            aggregation: self.aggregation,
            steps: &self.steps,
            most: MAX_GROUPS,
        }
    }
}

/// Requested steps of time.
fn steps(
    period: DateRange,
    by: &[AudienceGroupBy],
    aggregation: AudienceAggregation,
    today: NaiveDate,
) -> Result<Vec<Span>> {
    let span = period.span(today)?;
    let by_day = by.contains(&AudienceGroupBy::Day);
    let is_quantile = matches!(aggregation, AudienceAggregation::Median | AudienceAggregation::P90);
    if by_day && (is_quantile || by.contains(&AudienceGroupBy::Month)) {
        let text = "`groupBy` DAY requires the aggregation SUM or COUNT, and excludes MONTH.";
        return Err(Error::BadInput(text.into()));
    }
    // Future months are allowed as groups of their own, but not as parts of an aggregate.
    let until = if by.contains(&AudienceGroupBy::Month) { today.max(span.1) } else { today };
    if !by_day && !aggregate::is_of_months(span, until) {
        let text = "`period` must consist of whole months, unless `groupBy` contains DAY, and end with the current month or \
                    before, unless it contains DAY or MONTH.";
        return Err(Error::BadInput(text.into()));
    }
    let step = if by_day { Step::Day } else { Step::Month };
    let steps = series::steps(span, step)
        .ok_or_else(|| Error::BadInput(format!("`period` must have at most {MAX_POINTS} days or months.")))?;
    Ok(if by_day || by.contains(&AudienceGroupBy::Month) { steps } else { vec![span] })
}

/// Groups with the names of their keys.
fn to_groups<'a>(view: &'a View, by: &[GroupDimension], cells: Vec<Cell>) -> Vec<AudienceGroup<'a>> {
    let today = view.day();
    let mut groups: Vec<AudienceGroup<'_>> = cells
        .into_iter()
        .map(|cell| AudienceGroup {
            keys: named(view, by, &cell.keys),
            from: Date(cell.span.0),
            to: Date(cell.span.1),
            value: cell.value,
            pages_counted: SafeInt::from(cell.pages),
            pages_missing: SafeInt::from(cell.missing),
            is_final: cell.span.1 < today,
        })
        .collect();
    // Null keys are last.
    let codes = |group: &AudienceGroup<'_>| -> Vec<_> {
        let codes = group.keys.iter().map(GroupKey::to_code);
        codes.map(|code| (code.is_none(), code)).collect()
    };
    groups.sort_by_cached_key(|group| (codes(group), group.from.0));
    groups
}
