//! GraphQL types of rating methodologies, rating entries and indicators.

use async_graphql::{Enum, Object, SimpleObject};
use entities::indicator;
use registry::{
    analytics::{
        self,
        leaderboard::Kind,
        score::{Part, Scored},
    },
    view::{View, name_in},
};

use super::object::LeaderboardSubject;
use crate::graphql::{
    kit::{
        scalar::{Date, SafeInt},
        sequential::{SequentialObject, resolve_sequentially},
    },
    statistics::StatisticsMetric,
};

/// Rating methodology: what is rated, by which metrics and with which weights. A version is immutable.
pub struct Methodology<'a>(pub &'a registry::model::Methodology);

/// Component of a rating methodology.
#[derive(SimpleObject)]
pub struct MethodologyComponent {
    /// Metric of the component.
    pub metric: StatisticsMetric,
    /// Weight of the component; the weights of all components add up to 1.
    pub weight: f64,
}

/// Rating methodology: what is rated, by which metrics and with which weights. A version is immutable.
#[Object]
impl Methodology<'_> {
    /// Stable code of the methodology, including its version.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the methodology.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Version of the methodology.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// First day of the earliest period that may be rated.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Components of the score; tens at most.
    async fn components(&self) -> Vec<MethodologyComponent> {
        let parts = self.0.terms.components.iter().filter_map(|component| {
            let metric = analytics::StatisticsMetric::named(&component.metric)?;
            Some(MethodologyComponent { metric: metric.into(), weight: component.weight })
        });
        parts.collect()
    }

    /// Formula of the score.
    async fn formula(&self) -> &str {
        "100 × sum over the components of weight × share; share: the share of the other rated subjects whose value of the \
         metric is lower or missing, plus half the share whose value is equal; 0 for a subject without a value"
    }
}

/// Entry of a rating: a ranked subject.
#[derive(SimpleObject)]
pub struct RatingEntry<'a> {
    /// Rank: 1 plus the number of subjects with a higher score; ties share a rank.
    pub rank: SafeInt,
    /// Score, from 0 to 100.
    pub score: f64,
    /// Components of the score, in the order of the methodology.
    pub components: Vec<RatingComponent>,
    /// Ranked subject; null if it is no longer visible to the client.
    pub subject: Option<SequentialObject<LeaderboardSubject<'a>>>,
}

resolve_sequentially!(RatingEntry<'_>);

/// Component of a score.
#[derive(SimpleObject)]
pub struct RatingComponent {
    /// Metric of the component.
    pub metric: StatisticsMetric,
    /// Value of the metric; null if it cannot be computed from the statistics.
    pub value: Option<f64>,
    /// Percentile rank, from 0 to 1: share of the other subjects with a lower value or none; ties count half.
    pub share: f64,
}

impl<'a> RatingEntry<'a> {
    /// An entry with its subject, if the viewer may see it.
    pub(super) fn new(view: &'a View, kind: Kind, scored: &Scored) -> Self {
        let component = |part: &Part| RatingComponent {
            metric: part.metric.into(),
            value: part.value,
            share: part.share,
        };
        Self {
            rank: SafeInt::from(scored.rank),
            score: scored.score,
            components: scored.parts.iter().map(component).collect(),
            subject: LeaderboardSubject::new(view, kind, scored.id).map(SequentialObject),
        }
    }
}

/// Unit of an indicator.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "indicator::Unit")]
pub enum IndicatorUnit {
    /// Count of things or people.
    Count,
    /// Share, from 0 to 1.
    Share,
    /// Mean.
    Mean,
}

/// National statistic published by a third party, with its source.
pub struct Indicator<'a> {
    pub(super) record: &'a registry::model::Indicator,
    pub(super) days: Option<(chrono::NaiveDate, chrono::NaiveDate)>,
}

/// Value of an indicator.
#[derive(SimpleObject)]
pub struct IndicatorFigure {
    /// First day of the value's period.
    pub from: Date,
    /// Last day of the value's period.
    pub to: Date,
    /// The value.
    pub value: f64,
    /// Publisher and place of publication.
    pub source: String,
}

/// National statistic published by a third party, with its source.
#[Object]
impl Indicator<'_> {
    /// Stable code of the indicator.
    async fn code(&self) -> &str {
        &self.record.code
    }

    /// Name of the indicator.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.record.name, &self.record.names, language.as_deref())
    }

    /// Unit of the indicator's values.
    async fn unit(&self) -> IndicatorUnit {
        self.record.unit.into()
    }

    /// Values whose period overlaps the requested `period`, oldest first; hundreds at most.
    async fn figures(&self) -> Vec<IndicatorFigure> {
        let touches = |figure: &&registry::model::IndicatorFigure| {
            self.days.is_none_or(|(from, to)| figure.from <= to && from <= figure.to)
        };
        let figures = self.record.figures.iter().filter(touches).map(|figure| IndicatorFigure {
            from: Date(figure.from),
            to: Date(figure.to),
            value: figure.value,
            source: figure.source.to_string(),
        });
        figures.collect()
    }
}
