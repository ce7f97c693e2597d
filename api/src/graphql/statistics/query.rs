//! Root fields of audience statistics.

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::Utc;
use entities::territory::Kind;
use registry::{
    analytics::{
        self,
        aggregate::{self, Aggregation, Cell, Question, Source},
        by_day, by_month,
        expected::Expected,
        has_sums,
        series::{self, MAX_POINTS, Span, Step},
    },
    change_log::Registry,
    snapshot::Dimension,
    statistics::MonthCache,
    view::View,
};

use super::{
    filter::AudienceFilter,
    metric::{MetricKind, StatisticsMetric},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        group::{GroupDimension, GroupKey, MAX_DIMENSIONS, MAX_GROUPS, named},
        period::Period,
        scalar::{Count, Date, DateTime},
    },
    territory::TerritoryKind,
};

/// What groups of figures are made by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AudienceGroupBy {
    /// Territory that the owner works in: by default its region.
    Territory,
    /// Platform.
    Platform,
    /// Kind of the owner.
    Kind,
    /// Level of power of the owner; institutions have none.
    Level,
    /// Branch of power of the owner; institutions have none.
    Branch,
    /// Sector of the owner.
    Sector,
    /// Day.
    Day,
    /// Calendar month.
    Month,
}

impl AudienceGroupBy {
    fn dimension(self) -> Option<GroupDimension> {
        match self {
            Self::Territory => Some(GroupDimension::Territory),
            Self::Platform => Some(GroupDimension::Platform),
            Self::Kind => Some(GroupDimension::Kind),
            Self::Level => Some(GroupDimension::Level),
            Self::Branch => Some(GroupDimension::Branch),
            Self::Sector => Some(GroupDimension::Sector),
            Self::Day | Self::Month => None,
        }
    }
}

/// How figures of pages become one number.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AudienceAggregation {
    /// Sum over the pages; of computed metrics, the metric of the sums.
    Sum,
    /// Number that half of the pages do not reach; of whole months only.
    Median,
    /// Number that nine pages of ten do not reach; of whole months only.
    P90,
    /// Number of pages that have the figure.
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

/// Aggregates of figures.
#[derive(SimpleObject)]
pub struct Audience {
    /// Groups that have figures, by their keys and by time. At most 5,000.
    pub groups: Vec<AudienceGroup>,
    /// Timestamp of the answer.
    pub computed_at: DateTime,
    /// Place in the change log that the registry had reached.
    pub seq: Count,
}

/// Aggregate of the figures of one group.
#[derive(SimpleObject)]
pub struct AudienceGroup {
    /// Values that the pages of the group have in common, in the order of `groupBy`.
    pub keys: Vec<GroupKey>,
    /// First day that the number is of.
    pub from: Date,
    /// Last day that the number is of.
    pub to: Date,
    /// The number; null where the figures do not make one.
    pub value: Option<f64>,
    /// Number of pages that it is made of; of several months, those of the month with most of them.
    pub pages_counted: Count,
    /// Number of pages of the group, registered by the last day, that lack the figure.
    pub pages_missing: Count,
}

/// What a metric is, and how it is computed.
#[derive(SimpleObject)]
pub struct MetricDefinition {
    /// The metric.
    pub metric: StatisticsMetric,
    /// What it is a number of.
    pub kind: MetricKind,
    /// How it is computed, in the words of figures.
    pub formula: &'static str,
    /// Figures that it is computed of.
    pub inputs: Vec<StatisticsMetric>,
}

/// Root fields of audience statistics.
#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// Aggregates of figures over all pages that pass, cut up by what the pages were counted among and by time; for
    /// every viewer over the pages that everyone may see. Sums of subscribers are no people: many follow more than one page.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn audience(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions on the pages whose figures count.")] filter: Option<AudienceFilter>,
        #[graphql(default, desc = "What groups are made by, each with the next; at most 3 beside time.")]
        group_by: Vec<AudienceGroupBy>,
        #[graphql(
            default_with = "TerritoryKind::Region",
            desc = "Kind of the territories that groups are made by: region, district or country."
        )]
        territory_kind: TerritoryKind,
        #[graphql(desc = "What is asked of the figures.")] metric: StatisticsMetric,
        #[graphql(
            default_with = "AudienceAggregation::Sum",
            desc = "How figures of pages become one number."
        )]
        aggregation: AudienceAggregation,
        #[graphql(desc = "Days that the figures are of; whole months, where groups are not made by day.")]
        period: Period,
    ) -> Result<Audience> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let by = dimensions(&group_by, territory_kind.into())?;
        let steps = steps(period, &group_by, aggregation)?;
        // Growth looks at the month before.
        ctx.depends().days(period.span()?, 1);
        let dimensions: Vec<Dimension> = by.iter().map(|by| (*by).into()).collect();
        let question = Question {
            filter: &filter,
            by: &dimensions,
            territories: territory_kind.into(),
            metric: metric.into(),
            aggregation: aggregation.into(),
            steps: &steps,
        };
        let registry = ctx.data_unchecked::<Registry>();
        let source = Source { database: registry.database(), months: ctx.data_unchecked::<MonthCache>() };
        let cells = if group_by.contains(&AudienceGroupBy::Day) {
            by_day::of_days(view, source, &question).await?
        } else {
            by_month::of_months(view, source, &question).await?
        };
        if cells.len() > MAX_GROUPS {
            let text = format!("There are more than {MAX_GROUPS} groups; filter, or group by less.");
            return Err(Error::BadInput(text));
        }
        Ok(Audience {
            groups: told(view, &question, &by, cells, is_asked_for(ctx, "pagesMissing")),
            computed_at: DateTime(Utc::now()),
            seq: Count(view.seq().unsigned_abs()),
        })
    }

    /// What each metric is, and how it is computed.
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

/// Dimensions that groups are made by, beside time.
fn dimensions(group_by: &[AudienceGroupBy], territories: Kind) -> Result<Vec<GroupDimension>> {
    let by: Vec<GroupDimension> = group_by.iter().filter_map(|by| by.dimension()).collect();
    if by.len() > MAX_DIMENSIONS {
        let text = format!("`groupBy` must hold at most {MAX_DIMENSIONS} dimensions beside time.");
        return Err(Error::BadInput(text));
    }
    if !has_sums(territories) {
        return Err(Error::BadInput("`territoryKind` must be COUNTRY, DISTRICT or REGION.".into()));
    }
    Ok(by)
}

/// Steps of time that are asked for.
fn steps(period: Period, by: &[AudienceGroupBy], aggregation: AudienceAggregation) -> Result<Vec<Span>> {
    let span = period.span()?;
    let by_day = by.contains(&AudienceGroupBy::Day);
    let is_quantile = matches!(aggregation, AudienceAggregation::Median | AudienceAggregation::P90);
    if by_day && (is_quantile || by.contains(&AudienceGroupBy::Month)) {
        let text = "Groups by DAY go with SUM and COUNT, and without MONTH.";
        return Err(Error::BadInput(text.into()));
    }
    let today = Utc::now().date_naive();
    // Months that have not come are groups without figures, and no part of a number.
    let until = if by.contains(&AudienceGroupBy::Month) { today.max(span.1) } else { today };
    if !by_day && !aggregate::is_of_months(span, until) {
        let text = "`period` must consist of whole months, this one at most, or `groupBy` hold DAY.";
        return Err(Error::BadInput(text.into()));
    }
    let step = if by_day { Step::Day } else { Step::Month };
    let steps = series::steps(span, step)
        .ok_or_else(|| Error::BadInput(format!("`period` must have at most {MAX_POINTS} days or months.")))?;
    Ok(if by_day || by.contains(&AudienceGroupBy::Month) { steps } else { vec![span] })
}

/// Whether the query asks groups for a field, which need not be computed otherwise.
fn is_asked_for(ctx: &Context<'_>, field: &str) -> bool {
    ctx.look_ahead().field("groups").field(field).exists()
}

/// Groups with their names, and the pages that they lack.
fn told(
    view: &View,
    question: &Question<'_>,
    by: &[GroupDimension],
    cells: Vec<Cell>,
    with_missing: bool,
) -> Vec<AudienceGroup> {
    let mut expected =
        with_missing.then(|| Expected::new(view, question.filter, question.by, question.territories));
    let mut missing = |cell: &Cell| {
        let expected = expected.as_mut().map_or(0, |expected| expected.pages(&cell.keys, cell.span.1));
        expected.saturating_sub(cell.pages)
    };
    let mut groups: Vec<AudienceGroup> = cells
        .into_iter()
        .map(|cell| AudienceGroup {
            keys: named(view, by, &cell.keys),
            from: Date(cell.span.0),
            to: Date(cell.span.1),
            value: cell.value,
            pages_counted: Count(cell.pages),
            pages_missing: Count(missing(&cell)),
        })
        .collect();
    let codes = |group: &AudienceGroup| group.keys.iter().map(|key| key.code.clone()).collect::<Vec<_>>();
    groups.sort_by_cached_key(|group| (codes(group), group.from.0));
    groups
}
