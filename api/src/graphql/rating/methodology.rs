//! GraphQL types of methods of rating, of indicators and of scores.

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
        scalar::{Count, Date},
        sequential::{Ready, in_turn},
    },
    statistics::StatisticsMetric,
};

/// Method of rating: who is rated, by what, and what each part weighs. A version never changes.
pub struct Methodology<'a>(pub &'a registry::model::Methodology);

/// Part of a method.
#[derive(SimpleObject)]
pub struct MethodologyComponent {
    /// Metric that the part goes by.
    pub metric: StatisticsMetric,
    /// What the part weighs: the weights of all parts add up to 1.
    pub weight: f64,
}

/// Method of rating: who is rated, by what, and what each part weighs. A version never changes.
#[Object]
impl Methodology<'_> {
    /// Stable code of the method with its version.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the method.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); the registry's own where there is none.")] language: Option<
            String,
        >,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Version of the method.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// First day of what the method may rate.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Parts of the score; tens at most.
    async fn components(&self) -> Vec<MethodologyComponent> {
        let parts = self.0.terms.components.iter().filter_map(|component| {
            let metric = analytics::StatisticsMetric::named(&component.metric)?;
            Some(MethodologyComponent { metric: metric.into(), weight: component.weight })
        });
        parts.collect()
    }

    /// How a score is computed.
    async fn formula(&self) -> &str {
        "100 × sum over the components of weight × share; share: of all others that are rated, the share whose value of \
         the metric is lower, and half the share whose value is equal; whoever lacks the value has 0"
    }
}

/// Place of a subject in a rating.
#[derive(SimpleObject)]
pub struct RatingPlace<'a> {
    /// The place: one more than the number of those with a higher score; equal ones share it.
    pub rank: Count,
    /// Score, from 0 to 100.
    pub score: f64,
    /// Parts of the score, in the method's order.
    pub components: Vec<RatingComponent>,
    /// Who or what has the place; null where it is no longer public.
    pub subject: Option<Ready<LeaderboardSubject<'a>>>,
}

in_turn!(RatingPlace<'_>);

/// Part of a score.
#[derive(SimpleObject)]
pub struct RatingComponent {
    /// Metric that the part goes by.
    pub metric: StatisticsMetric,
    /// Value of the metric; null where the figures do not make one.
    pub value: Option<f64>,
    /// Share of the others that the value is above, from 0 to 1; equal ones count half.
    pub share: f64,
}

impl<'a> RatingPlace<'a> {
    /// A place with its subject, if the viewer may see it.
    pub(super) fn new(view: &'a View, kind: Kind, scored: &Scored) -> Self {
        let component = |part: &Part| RatingComponent {
            metric: part.metric.into(),
            value: part.value,
            share: part.share,
        };
        Self {
            rank: Count(scored.rank),
            score: scored.score,
            components: scored.parts.iter().map(component).collect(),
            subject: LeaderboardSubject::new(view, kind, scored.id).map(Ready),
        }
    }
}

/// What an indicator is a number of.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "indicator::Unit")]
pub enum IndicatorUnit {
    /// Number of things or people.
    Count,
    /// Share, from 0 to 1.
    Share,
    /// Mean number.
    Mean,
}

/// National figure that others published; the registry repeats it with its source.
pub struct Indicator<'a> {
    pub(super) record: &'a registry::model::Indicator,
    pub(super) days: Option<(chrono::NaiveDate, chrono::NaiveDate)>,
}

/// Value of an indicator.
#[derive(SimpleObject)]
pub struct IndicatorFigure {
    /// First day that the value is of.
    pub from: Date,
    /// Last day that the value is of.
    pub to: Date,
    /// The value.
    pub value: f64,
    /// Who published it, and where.
    pub source: String,
}

/// National figure that others published; the registry repeats it with its source.
#[Object]
impl Indicator<'_> {
    /// Stable code of the indicator.
    async fn code(&self) -> &str {
        &self.record.code
    }

    /// Name of the indicator.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); the registry's own where there is none.")] language: Option<
            String,
        >,
    ) -> &str {
        name_in(&self.record.name, &self.record.names, language.as_deref())
    }

    /// What the indicator is a number of.
    async fn unit(&self) -> IndicatorUnit {
        self.record.unit.into()
    }

    /// Values whose days touch the period that was asked for, the earliest first; hundreds at most.
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
