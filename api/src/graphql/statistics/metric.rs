//! What can be asked of figures, as GraphQL has it.

use async_graphql::Enum;
use registry::analytics;

/// A figure, or what is computed of figures.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::StatisticsMetric")]
pub enum StatisticsMetric {
    /// Subscribers at the end of the period. Sums over pages count people once for each page: never call them people.
    Subscribers,
    /// Views.
    Views,
    /// People reached, as platforms count them; over days and pages people are counted more than once.
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
    /// Reactions, comments and shares to a post, as a share of the subscribers.
    EngagementRate,
    /// Views as a multiple of the subscribers.
    ViewsPerSubscriber,
    /// Subscribers as a share of the inhabitants of the territory; they may be from elsewhere, and follow many pages.
    AudienceToPopulation,
    /// Growth of the subscribers over the 30 days, or the calendar month, before the end, as a share of what they were.
    #[graphql(name = "GROWTH_30D")]
    Growth30D,
    /// Citizens' messages answered as a share of those received.
    AnsweredShare,
}

/// What a metric is a number of.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::MetricKind")]
pub enum MetricKind {
    /// A state at the end of a day.
    Stock,
    /// What happened during days: of several days the sum.
    Flow,
    /// Computed of others.
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
