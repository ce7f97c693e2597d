//! GraphQL types of figures of pages.

use async_graphql::{Context, Enum, Object, SimpleObject};
use entities::page_statistics::{Metric, Model};
use registry::{
    analytics::series::{self, MAX_POINTS, Point, Span, Step},
    statistics::Values,
    view::PageView,
};

use super::loader::FigureLoader;
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        period::Period,
        scalar::{Count, Date, DateTime, WholeNumber},
        sequential::{Ready, in_turn},
    },
};

/// Figures of a page.
pub struct PageStatistics<'a>(pub PageView<'a>);

/// Latest figures of a page.
#[derive(SimpleObject)]
pub struct PageFigures {
    /// Number of subscribers; null where the platform did not say.
    pub subscribers: Option<Count>,
    /// Timestamp of the page's last post; null where it never posted, or nobody looked.
    pub last_post_at: Option<DateTime>,
    /// Timestamp that the figures are of.
    pub recorded_at: DateTime,
}

in_turn!(PageStatistics<'_>, PageFigures);

/// Length of a step of a series.
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

/// First and last days of the steps of a period.
///
/// # Errors
/// When the period is turned round, or has more steps than a series may have.
pub(super) fn steps(period: Period, step: StatisticsStep) -> Result<(Span, Vec<Span>)> {
    let span = period.span()?;
    let spans = series::steps(span, step.into()).ok_or_else(|| {
        Error::BadInput(format!(
            "A series has at most {MAX_POINTS} points; take longer steps or a shorter `period`."
        ))
    })?;
    Ok((span, spans))
}

/// Declares the figures of a point, in the order of their columns.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $metric:ident,)+) => {
        /// Figures of a page in one step of a series: of what is counted during a day the sum, of subscribers the last
        /// number. Null where the platform did not say.
        #[derive(SimpleObject)]
        pub struct StatisticsPoint {
            /// First day.
            pub from: Date,
            /// Last day.
            pub to: Date,
            /// Number of the days that have figures; 0 in a gap.
            pub days: Count,
            $($(#[$doc])* pub $name: Option<Count>,)+
            /// Whether subscribers went more than tenfold up, or below a tenth, from one figure to the next.
            pub is_jump: bool,
        }

        impl StatisticsPoint {
            fn new(span: Span, days: u32, values: Values, is_jump: bool) -> Self {
                let figure = |metric: Metric| values[metric as usize].map(|value| Count(value.unsigned_abs()));
                Self {
                    from: Date(span.0),
                    to: Date(span.1),
                    days: Count(days.into()),
                    $($name: figure(Metric::$metric),)+
                    is_jump,
                }
            }
        }
    };
}

figures! {
    /// Subscribers at the end.
    subscribers Subscribers,
    /// Views.
    views Views,
    /// People reached, as the platform counts them; of several days the sum, in which people are counted once a day.
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

impl From<Point> for StatisticsPoint {
    fn from(point: Point) -> Self {
        Self::new(point.span, point.days, point.values, point.is_jump)
    }
}

impl From<&Model> for StatisticsPoint {
    fn from(row: &Model) -> Self {
        Self::new((row.day, row.day), 1, row.values(), row.is_jump)
    }
}

/// Growth of a page's subscribers over a period.
#[derive(SimpleObject)]
pub struct Growth {
    /// First day of the period that has a number of subscribers.
    pub from: Date,
    /// Last day of the period that has one.
    pub to: Date,
    /// Difference of the two numbers.
    pub subscribers: WholeNumber,
    /// Difference as a share of the first number; null where that is 0.
    pub ratio: Option<f64>,
}

/// Figures of a page.
#[Object]
impl PageStatistics<'_> {
    /// Latest figures of the page; null where there are none, and for a page of the past.
    async fn latest(&self) -> Option<Ready<PageFigures>> {
        let figures = self.0.figures()?;
        Some(Ready(PageFigures {
            subscribers: figures.subscribers.map(|number| Count(u64::from(number))),
            last_post_at: figures.last_post_at.map(DateTime),
            recorded_at: DateTime(figures.recorded_at),
        }))
    }

    /// All figures of the last day that has any; of a page of the past, up to its moment. Null where there are none.
    async fn last_day(&self, ctx: &Context<'_>) -> Result<Option<StatisticsPoint>> {
        let until = self.0.view().moment().date_naive();
        let row = ctx.data_unchecked::<FigureLoader>().last_day(self.0.id, until).await?;
        Ok(row.map(|row| (&*row).into()))
    }

    /// Figures of the page, step by step, gaps included; at most 400 points.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Days that the series is of.")] period: Period,
        #[graphql(default_with = "StatisticsStep::Day", desc = "Length of its steps.")] step: StatisticsStep,
    ) -> Result<Vec<StatisticsPoint>> {
        let (span, spans) = steps(period, step)?;
        let days = self.days(ctx, span).await?;
        Ok(series::points(&spans, &days).into_iter().map(Into::into).collect())
    }

    /// Growth of the page's subscribers over a period; null where fewer than two days of it have a number.
    async fn growth(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Days that the growth is over; at most 400.")] period: Period,
    ) -> Result<Option<Growth>> {
        let (span, _) = steps(period, StatisticsStep::Day)?;
        let days = self.days(ctx, span).await?;
        let mut known = days.iter().filter_map(|day| Some((day.day, i64::from(day.subscribers?))));
        let (Some(first), Some(last)) = (known.next(), known.next_back()) else { return Ok(None) };
        let difference = last.1 - first.1;
        Ok(Some(Growth {
            from: Date(first.0),
            to: Date(last.0),
            subscribers: WholeNumber(difference),
            ratio: (first.1 > 0).then(|| difference as f64 / first.1 as f64),
        }))
    }
}

impl PageStatistics<'_> {
    /// Figures of the days of a span, in their order; of a page of the past, up to its moment.
    async fn days(&self, ctx: &Context<'_>, (from, to): Span) -> Result<std::sync::Arc<Vec<Model>>> {
        ctx.depends().days((from, to), 0);
        let to = to.min(self.0.view().moment().date_naive());
        ctx.data_unchecked::<FigureLoader>().days(self.0.id, (from, to)).await
    }
}
