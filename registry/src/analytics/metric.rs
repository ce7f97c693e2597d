//! Metrics: those that platforms report and those derived from them, each with its formula.

use entities::page_statistics::Metric;

/// Metric of pages: reported by platforms, or derived from reported metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    Growth30D,
    /// Citizens' messages answered divided by those received.
    AnsweredShare,
}

/// Kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// State at the end of a day.
    Stock,
    /// Amount during a day; summed across days.
    Flow,
    /// Computed from other metrics.
    Derived,
}

impl StatisticsMetric {
    /// All metrics.
    pub const ALL: [Self; 17] = [
        Self::Subscribers,
        Self::Views,
        Self::Reach,
        Self::Posts,
        Self::Reactions,
        Self::Comments,
        Self::Shares,
        Self::MessagesReceived,
        Self::MessagesAnswered,
        Self::Videos,
        Self::Shorts,
        Self::Streams,
        Self::EngagementRate,
        Self::ViewsPerSubscriber,
        Self::AudienceToPopulation,
        Self::Growth30D,
        Self::AnsweredShare,
    ];

    /// The reported metric; `None` for derived metrics.
    pub fn figure(self) -> Option<Metric> {
        Metric::ALL.get(self as usize).copied()
    }

    /// Metric with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Name of the metric, as it is stored and published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subscribers => "SUBSCRIBERS",
            Self::Views => "VIEWS",
            Self::Reach => "REACH",
            Self::Posts => "POSTS",
            Self::Reactions => "REACTIONS",
            Self::Comments => "COMMENTS",
            Self::Shares => "SHARES",
            Self::MessagesReceived => "MESSAGES_RECEIVED",
            Self::MessagesAnswered => "MESSAGES_ANSWERED",
            Self::Videos => "VIDEOS",
            Self::Shorts => "SHORTS",
            Self::Streams => "STREAMS",
            Self::EngagementRate => "ENGAGEMENT_RATE",
            Self::ViewsPerSubscriber => "VIEWS_PER_SUBSCRIBER",
            Self::AudienceToPopulation => "AUDIENCE_TO_POPULATION",
            Self::Growth30D => "GROWTH_30D",
            Self::AnsweredShare => "ANSWERED_SHARE",
        }
    }

    /// The metric of a reported metric.
    pub fn of(figure: Metric) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.figure() == Some(figure))
    }

    /// Kind of the metric.
    pub fn kind(self) -> MetricKind {
        match self.figure() {
            Some(metric) if metric.is_stock() => MetricKind::Stock,
            Some(_) => MetricKind::Flow,
            None => MetricKind::Derived,
        }
    }

    /// Reported metrics that the metric is computed from; pages without a value of the first one are not counted.
    pub fn inputs(self) -> Vec<Metric> {
        match self {
            Self::EngagementRate => {
                vec![Metric::Subscribers, Metric::Posts, Metric::Reactions, Metric::Comments, Metric::Shares]
            }
            Self::ViewsPerSubscriber => vec![Metric::Subscribers, Metric::Views],
            Self::AudienceToPopulation | Self::Growth30D => vec![Metric::Subscribers],
            Self::AnsweredShare => vec![Metric::MessagesReceived, Metric::MessagesAnswered],
            figure => figure.figure().into_iter().collect(),
        }
    }

    /// Formula, in terms of the inputs.
    pub fn formula(self) -> &'static str {
        match self {
            Self::EngagementRate => "(reactions + comments + shares) / posts / subscribers",
            Self::ViewsPerSubscriber => "views / subscribers",
            Self::AudienceToPopulation => "subscribers / population of the territory",
            Self::Growth30D => "subscribers / subscribers 30 days or a calendar month earlier - 1",
            Self::AnsweredShare => "messagesAnswered / messagesReceived",
            figure if figure.kind() == MetricKind::Stock => "sum over pages of the last value of the period",
            _ => "sum over pages and days",
        }
    }

    /// Value of the metric from its inputs, in their order; `None` if it cannot be computed.
    pub fn value(self, inputs: &[Option<u64>], beside: Beside) -> Option<f64> {
        let input = |index: usize| inputs.get(index).copied().flatten().map(|number| number as f64);
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        match self {
            Self::EngagementRate => {
                let responses = input(2)? + input(3).unwrap_or(0.0) + input(4).unwrap_or(0.0);
                share(share(responses, input(1)?)?, input(0)?)
            }
            Self::ViewsPerSubscriber => share(input(1)?, input(0)?),
            Self::AudienceToPopulation => share(input(0)?, beside.population? as f64),
            Self::Growth30D => share(input(0)?, beside.before? as f64).map(|ratio| ratio - 1.0),
            Self::AnsweredShare => share(input(1)?, input(0)?),
            _ => input(0),
        }
    }
}

/// What some metrics need besides their inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// Population of the territory.
    pub population: Option<u64>,
    /// Subscribers at the end of the preceding period.
    pub before: Option<u64>,
}
