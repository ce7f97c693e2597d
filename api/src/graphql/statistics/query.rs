//! Root fields of audience statistics.

use async_graphql::{Context, Object, SimpleObject};
use chrono::Utc;
use registry::{
    analytics::{self, aggregate::Source},
    change_log::Registry,
    statistics::MonthCache,
};

use super::{
    audience::{AudienceAggregation, AudienceArguments, AudienceGroup, MissingPages},
    filter::AudienceFilter,
    group_by::AudienceGroupBy,
    metric::{MetricKind, StatisticsMetric},
};
use crate::graphql::{
    error::Result,
    kit::{
        context::Pinned,
        date_range::DateRange,
        scalar::{DateTime, SafeInt},
    },
    territory::TerritoryKind,
};

/// Aggregated statistics.
#[derive(SimpleObject)]
pub struct Audience<'a> {
    /// Groups with statistics, ordered by their keys, then by time; at most 5,000. Pages without a value of a dimension are in
    /// a group with a null key, the last one, so that sums add up to the total. If `pagesMissing` is selected, also groups of
    /// which no page has a value.
    pub groups: Vec<AudienceGroup<'a>>,
    /// Timestamp at which the aggregates were computed.
    pub computed_at: DateTime,
    /// Sequence number of the change log that the aggregates reflect.
    pub seq: SafeInt,
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
        let filter = filter.unwrap_or_default();
        let arguments = AudienceArguments { filter, group_by, territory_kind, metric, aggregation, period };
        let question = arguments.check(view)?;
        // Growth of the first day compares it with the day 30 days earlier: on 1 March that is in January.
        ctx.depends().days(question.days(), 2);
        let registry = ctx.data_unchecked::<Registry>();
        let source = Source { database: registry.database(), months: ctx.data_unchecked::<MonthCache>() };
        let missing_pages = match is_asked_for(ctx, "pagesMissing") {
            true => MissingPages::Counted,
            false => MissingPages::LeftOut,
        };
        Ok(Audience {
            groups: question.groups(view, source, missing_pages).await?.groups,
            computed_at: DateTime(Utc::now()),
            seq: SafeInt(view.seq()),
        })
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

/// Whether the query selects this field of `groups`; it is not computed otherwise.
fn is_asked_for(ctx: &Context<'_>, field: &str) -> bool {
    ctx.look_ahead().field("groups").field(field).exists()
}
