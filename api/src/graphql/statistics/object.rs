//! GraphQL types of statistics of pages.

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::NaiveDate;
use entities::page_statistics::{Metric, Model};
use registry::{
    analytics::series::{self, MAX_POINTS, Point, Span, Step},
    view::PageView,
};

use super::loader::StatisticsLoader;
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        date_range::DateRange,
        scalar::{Date, DateTime, SafeInt},
        sequential::{SequentialObject, resolve_sequentially},
    },
};

/// Statistics of a page.
pub struct PageStatistics<'a>(pub PageView<'a>);

/// Latest values of a page.
#[derive(SimpleObject)]
pub struct PageFigures {
    /// Number of subscribers; null if not reported.
    pub subscribers: Option<SafeInt>,
    /// Timestamp of the page's last post; null if no post is known.
    pub last_post_at: Option<DateTime>,
    /// Timestamp at which the values were measured.
    pub recorded_at: DateTime,
}

resolve_sequentially!(PageStatistics<'_>, PageFigures);

/// Step of a time series.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum StatisticsStep {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl From<StatisticsStep> for Step {
    fn from(step: StatisticsStep) -> Self {
        match step {
            StatisticsStep::Day => Self::Day,
            StatisticsStep::Week => Self::Week,
            StatisticsStep::Month => Self::Month,
        }
    }
}

/// The span of a period as of a day, and the spans of its steps.
///
/// # Errors
/// When the period is invalid, or has more steps than a series may have.
pub(super) fn steps(period: DateRange, step: StatisticsStep, today: NaiveDate) -> Result<(Span, Vec<Span>)> {
    let span = period.span(today)?;
    let spans = series::steps(span, step.into()).ok_or_else(|| {
        Error::BadInput(format!(
            "A series has at most {MAX_POINTS} points; use longer steps or a shorter `period`."
        ))
    })?;
    Ok((span, spans))
}

/// Declares the metrics of a point, in the order of their columns.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $metric:ident,)+) => {
        /// Statistics of a page in one step of a time series: the last value of subscribers, the sums of other metrics. Null
        /// if not reported.
        #[derive(SimpleObject)]
        pub struct StatisticsPoint {
            /// First day.
            pub from: Date,
            /// Last day.
            pub to: Date,
            /// Number of days with statistics; 0 in a gap.
            pub days: SafeInt,
            $($(#[$doc])* pub $name: Option<SafeInt>,)+
            /// Whether subscribers rose more than tenfold, or fell below a tenth, from one value to the next.
            pub is_jump: bool,
            /// Whether the step has ended in the registry's time zone, and all its values were recorded after the end of
            /// their day. False while they are partial.
            pub is_final: bool,
        }

        impl StatisticsPoint {
            /// A point of a series, as of a day.
            fn new(point: &Point, today: NaiveDate) -> Self {
                let figure =
                    |metric: Metric| point.values[metric as usize].map(SafeInt);
                Self {
                    from: Date(point.span.0),
                    to: Date(point.span.1),
                    days: SafeInt(point.days.into()),
                    $($name: figure(Metric::$metric),)+
                    is_jump: point.is_jump,
                    is_final: point.is_final && point.span.1 < today,
                }
            }
        }
    };
}

figures! {
    /// Subscribers at the end of the step.
    subscribers Subscribers,
    /// Views.
    views Views,
    /// Reach as reported by the platform; the sum over several days counts people once per day.
    reach Reach,
    /// Posts.
    posts Posts,
    /// Reactions, likes included.
    reactions Reactions,
    /// Comments.
    comments Comments,
    /// Shares.
    shares Shares,
    /// Citizens' messages received.
    messages_received MessagesReceived,
    /// Citizens' messages answered.
    messages_answered MessagesAnswered,
    /// Videos published.
    videos Videos,
    /// Short videos published.
    shorts Shorts,
    /// Live streams.
    streams Streams,
}

/// Growth of a page's subscribers over a period.
#[derive(SimpleObject)]
pub struct Growth {
    /// First day of the period with a number of subscribers.
    pub from: Date,
    /// Last day of the period with a number of subscribers.
    pub to: Date,
    /// Difference between the two numbers.
    pub subscribers: SafeInt,
    /// Difference divided by the first number; null if that is 0.
    pub ratio: Option<f64>,
}

/// Statistics of a page.
#[Object]
impl PageStatistics<'_> {
    /// Latest values of the page; null if there are none, and within `asOf`.
    async fn latest(&self) -> Option<SequentialObject<PageFigures>> {
        let figures = self.0.figures()?;
        Some(SequentialObject(PageFigures {
            subscribers: figures.subscribers.map(|number| SafeInt(number.into())),
            last_post_at: figures.last_post_at.map(DateTime),
            recorded_at: DateTime(figures.recorded_at),
        }))
    }

    /// All metrics of the last day with statistics; within `asOf`, up to that time. Null if there are none.
    async fn last_day(&self, ctx: &Context<'_>) -> Result<Option<StatisticsPoint>> {
        let until = self.0.view().last_day();
        let row = ctx.data_unchecked::<StatisticsLoader>().last_day(self.0.id, until).await?;
        Ok(row.and_then(|row| self.points(&[(row.day, row.day)], std::slice::from_ref(&*row)).pop()))
    }

    /// Time series of the page, including gaps; at most 400 points.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Period of the series.")] period: DateRange,
        #[graphql(default_with = "StatisticsStep::Day", desc = "Step of the series.")] step: StatisticsStep,
    ) -> Result<Vec<StatisticsPoint>> {
        let (span, spans) = steps(period, step, self.0.view().day())?;
        let days = self.days(ctx, span).await?;
        Ok(self.points(&spans, &days))
    }

    /// Growth of the page's subscribers over a period; null if fewer than two of its days have a number of subscribers.
    async fn growth(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Period of the growth; at most 400 days.")] period: DateRange,
    ) -> Result<Option<Growth>> {
        let (span, _) = steps(period, StatisticsStep::Day, self.0.view().day())?;
        let days = self.days(ctx, span).await?;
        let mut known = days.iter().filter_map(|day| Some((day.day, i64::from(day.subscribers?))));
        let (Some(first), Some(last)) = (known.next(), known.next_back()) else { return Ok(None) };
        let difference = last.1 - first.1;
        Ok(Some(Growth {
            from: Date(first.0),
            to: Date(last.0),
            subscribers: SafeInt(difference),
            ratio: (first.1 > 0).then(|| difference as f64 / first.1 as f64),
        }))
    }
}

impl PageStatistics<'_> {
    /// Statistics of the days of a span, in order of days; in a view of the past, up to its timestamp.
    async fn days(&self, ctx: &Context<'_>, (from, to): Span) -> Result<std::sync::Arc<Vec<Model>>> {
        ctx.depends().days((from, to), 0);
        let to = to.min(self.0.view().last_day());
        ctx.data_unchecked::<StatisticsLoader>().days(self.0.id, (from, to)).await
    }

    /// Points of these steps.
    fn points(&self, spans: &[Span], days: &[Model]) -> Vec<StatisticsPoint> {
        let view = self.0.view();
        let (points, today) = (series::points(spans, days, view.time_zone()), view.day());
        points.iter().map(|point| StatisticsPoint::new(point, today)).collect()
    }
}
