//! GraphQL enums of metrics.

use async_graphql::Enum;
use registry::analytics;

/// Metric of pages: reported by platforms, or derived from reported metrics.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::StatisticsMetric")]
pub enum StatisticsMetric {
    /// Subscribers at the end of the period. Sums across pages count accounts, not people.
    Subscribers,
    /// Views.
    Views,
    /// Reach as reported by platforms; sums across days and pages count people more than once.
    Reach,
    /// Posts.
    Posts,
    /// Reactions, likes included.
    Reactions,
    /// Comments.
    Comments,
    /// Shares.
    Shares,
    /// Citizens' messages received.
    MessagesReceived,
    /// Citizens' messages answered.
    MessagesAnswered,
    /// Videos published.
    Videos,
    /// Short videos published.
    Shorts,
    /// Live streams.
    Streams,
    /// Reactions, comments and shares per post, divided by subscribers.
    EngagementRate,
    /// Views divided by subscribers.
    ViewsPerSubscriber,
    /// Subscribers divided by the population of the territory; subscribers may live elsewhere and follow many pages.
    AudienceToPopulation,
    /// Relative growth of subscribers: over 30 days in groups by day, otherwise over the last month of the period.
    #[graphql(name = "GROWTH_30D")]
    Growth30D,
    /// Citizens' messages answered divided by those received.
    AnsweredShare,
}

/// Kind of a metric.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::MetricKind")]
pub enum MetricKind {
    /// State at the end of a day.
    Stock,
    /// Amount during a day; summed across days.
    Flow,
    /// Computed from other metrics.
    Derived,
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn a_metric_has_one_name_in_the_schema_and_in_the_registry() {
        let names = StatisticsMetric::items().iter().map(|item| item.name);
        assert!(names.eq(analytics::StatisticsMetric::ALL.map(analytics::StatisticsMetric::name)));
    }
}
