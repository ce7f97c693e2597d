//! Root fields of audience statistics.

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{NaiveDate, Utc};
use registry::{
    analytics::{
        self,
        aggregate::{self, AggregateQuery, Aggregation, Cell, Source},
        by_day, by_month,
        expected::Expected,
        series::{self, MAX_POINTS, Span, Step},
    },
    change_log::Registry,
    snapshot::Dimension,
    statistics::MonthCache,
    view::View,
};

use super::{
    filter::AudienceFilter,
    group_by::{AudienceGroupBy, dimensions},
    metric::{MetricKind, StatisticsMetric},
};
use crate::graphql::{
    error::{Error, Result},
    group::{GroupKey, named},
    kit::{
        context::Pinned,
        date_range::DateRange,
        group::{GroupDimension, MAX_GROUPS, too_many_groups},
        scalar::{Date, DateTime, SafeInt},
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

/// Aggregated statistics.
#[derive(SimpleObject)]
pub struct Audience<'a> {
    /// Groups with statistics, ordered by their keys, then by time; at most 5,000. Pages without a value of a dimension are in
    /// a group with a null key, the last one, so that sums add up to the total.
    pub groups: Vec<AudienceGroup<'a>>,
    /// Timestamp at which the aggregates were computed.
    pub computed_at: DateTime,
    /// Sequence number of the change log that the aggregates reflect.
    pub seq: SafeInt,
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
    /// Number of pages with a value; if the group spans several months, the highest monthly number.
    pub pages_counted: SafeInt,
    /// Number of official pages of the group, registered by the last day, without a value.
    pub pages_missing: SafeInt,
    /// Whether the last day has ended in the registry's time zone; partial statistics may still be replaced.
    pub is_final: bool,
}

/// Definition of a metric.
#[derive(SimpleObject)]
pub struct MetricDefinition {
    /// The metric.
    pub metric: StatisticsMetric,
    /// Kind of the metric.
    pub kind: MetricKind,
    /// Formula, in terms of reported metrics.
    pub formula: &'static str,
    /// Reported metrics that it is computed from.
    pub inputs: Vec<StatisticsMetric>,
}

/// Root fields of audience statistics.
#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// Statistics aggregated across pages, by group and time; public pages only, for every client. Sums of subscribers count
    /// accounts, not people: many follow more than one page.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn audience<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Filter for the pages whose statistics are aggregated.")] filter: Option<
            AudienceFilter,
        >,
        #[graphql(
            default,
            desc = "Dimensions to group by, combined; at most 3, besides `DAY` or `MONTH`, each once."
        )]
        group_by: Vec<AudienceGroupBy>,
        #[graphql(
            default_with = "TerritoryKind::Region",
            desc = "Kind of territory that `TERRITORY` groups by: `REGION`, `DISTRICT` or `COUNTRY`; the registry must have some."
        )]
        territory_kind: TerritoryKind,
        #[graphql(desc = "Metric to aggregate.")] metric: StatisticsMetric,
        #[graphql(
            default_with = "AudienceAggregation::Sum",
            desc = "Aggregation across pages."
        )]
        aggregation: AudienceAggregation,
        #[graphql(desc = "Period of the statistics; whole months unless `groupBy` contains `DAY`.")]
        period: DateRange,
    ) -> Result<Audience<'a>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let by = dimensions(view, &group_by, territory_kind.into())?;
        let steps = steps(period, &group_by, aggregation, view.day())?;
        // GROWTH_30D needs one month more.
        // Growth of the first day compares it with the day 30 days earlier: on 1 March that is in January.
        ctx.depends().days(period.span(view.day())?, 2);
        let dimensions: Vec<Dimension> = by.iter().map(|by| (*by).into()).collect();
        let question = AggregateQuery {
            filter: &filter,
            by: &dimensions,
            territories: territory_kind.into(),
            metric: metric.into(),
            aggregation: aggregation.into(),
            steps: &steps,
        };
        answer(ctx, &question, &by, group_by.contains(&AudienceGroupBy::Day)).await
    }

    /// Definitions of all metrics.
    async fn metric_definitions(&self) -> Vec<MetricDefinition> {
        let definition = |metric: analytics::StatisticsMetric| MetricDefinition {
            metric: metric.into(),
            kind: metric.kind().into(),
            formula: metric.formula(),
            inputs: metric
                .inputs()
                .into_iter()
                .filter_map(analytics::StatisticsMetric::of)
                .map(Into::into)
                .collect(),
        };
        analytics::StatisticsMetric::ALL.into_iter().map(definition).collect()
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

async fn answer<'a>(
    ctx: &Context<'a>,
    question: &AggregateQuery<'_>,
    by: &[GroupDimension],
    is_by_day: bool,
) -> Result<Audience<'a>> {
    let view = ctx.view();
    let registry = ctx.data_unchecked::<Registry>();
    let source = Source { database: registry.database(), months: ctx.data_unchecked::<MonthCache>() };
    let cells = if is_by_day {
        by_day::of_days(view, source, question).await?
    } else {
        by_month::of_months(view, source, question).await?
    };
    if cells.len() > MAX_GROUPS {
        return Err(too_many_groups());
    }
    Ok(Audience {
        groups: to_groups(view, question, by, cells, is_asked_for(ctx, "pagesMissing")),
        computed_at: DateTime(Utc::now()),
        seq: SafeInt(view.seq()),
    })
}

/// Whether the query selects this field of `groups`; it is not computed otherwise.
fn is_asked_for(ctx: &Context<'_>, field: &str) -> bool {
    ctx.look_ahead().field("groups").field(field).exists()
}

/// Groups with the names of their keys and their numbers of missing pages.
fn to_groups<'a>(
    view: &'a View,
    question: &AggregateQuery<'_>,
    by: &[GroupDimension],
    cells: Vec<Cell>,
    with_missing: bool,
) -> Vec<AudienceGroup<'a>> {
    let today = view.day();
    let mut expected =
        with_missing.then(|| Expected::new(view, question.filter, question.by, question.territories));
    let mut missing = |cell: &Cell| {
        let expected = expected.as_mut().map_or(0, |expected| expected.pages(&cell.keys, cell.span.1));
        expected.saturating_sub(cell.pages)
    };
    let mut groups: Vec<AudienceGroup<'_>> = cells
        .into_iter()
        .map(|cell| AudienceGroup {
            keys: named(view, by, &cell.keys),
            from: Date(cell.span.0),
            to: Date(cell.span.1),
            value: cell.value,
            pages_counted: SafeInt::from(cell.pages),
            pages_missing: SafeInt::from(missing(&cell)),
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
