//! What can be asked of figures: those that platforms report, and those that we compute, each with its formula.

use entities::page_statistics::Metric;

/// A figure, or what is computed of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    Growth30D,
    /// Citizens' messages answered as a share of those received.
    AnsweredShare,
}

/// What a metric is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A state at the end of a day.
    Stock,
    /// What happened during days: of several days the sum.
    Flow,
    /// Computed of others.
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

    /// The figure that the metric is, where it is one.
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

    /// The metric that a figure is.
    pub fn of(figure: Metric) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.figure() == Some(figure))
    }

    /// What the metric is a number of.
    pub fn kind(self) -> MetricKind {
        match self.figure() {
            Some(metric) if metric.is_stock() => MetricKind::Stock,
            Some(_) => MetricKind::Flow,
            None => MetricKind::Derived,
        }
    }

    /// Figures that the metric is computed of; pages that lack the first one are not counted.
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

    /// The formula, in the words of the inputs.
    pub fn formula(self) -> &'static str {
        match self {
            Self::EngagementRate => "(reactions + comments + shares) / posts / subscribers",
            Self::ViewsPerSubscriber => "views / subscribers",
            Self::AudienceToPopulation => "subscribers / inhabitants of the territory",
            Self::Growth30D => "subscribers / subscribers 30 days, or a calendar month, earlier - 1",
            Self::AnsweredShare => "messagesAnswered / messagesReceived",
            figure if figure.kind() == MetricKind::Stock => "sum over pages of the last number of the period",
            _ => "sum over pages and days",
        }
    }

    /// Value of the metric, of its inputs in their order; none where they do not make one.
    pub fn value(self, inputs: &[Option<u64>], beside: Beside) -> Option<f64> {
        let input = |place: usize| inputs.get(place).copied().flatten().map(|number| number as f64);
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

/// What some metrics need beside their inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// Inhabitants of the territory.
    pub population: Option<u64>,
    /// Subscribers at the end of the period before.
    pub before: Option<u64>,
}
