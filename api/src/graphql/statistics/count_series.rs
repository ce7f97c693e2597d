//! Series of counts: each point is counted in the registry as it was at the end of a step.

use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry as TypeRegistry,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use registry::{
    analytics::series,
    change_log::{Registry, RestoredStates},
    view::View,
};

use super::object::StatisticsStep;
use crate::graphql::{
    error::{Error, Result},
    kit::{date_range::DateRange, group::MAX_GROUPS, sequential::ResolveSequentially},
};

/// Maximum number of points of a series of counts.
const MAX_POINTS: usize = 36;

/// Step of a series of counts.
#[derive(Clone, Copy, Debug)]
pub struct CountStep {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Its last microsecond; `None` if it has not ended.
    ended_at: Option<DateTime<Utc>>,
}

impl CountStep {
    /// Whether the step has ended.
    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }
}

/// Point of a series of counts.
pub trait CountPoint: ResolveSequentially + Sized {
    /// What is counted in each state of the registry.
    type Question: Send + Sync;

    /// Counts in the state at the end of a step, in at most `most` groups.
    ///
    /// # Errors
    /// When the dimensions are rejected, or there would be too many groups.
    fn count(question: &Self::Question, step: CountStep, state: View, most: usize) -> Result<Self>;

    /// Number of groups in which it has counted.
    fn group_count(&self) -> usize;
}

/// List of the points of a series. Each is counted and resolved before the state of the next one is restored, so that the
/// series holds one past state at a time.
pub struct CountSeries<Point: CountPoint> {
    question: Point::Question,
    view: View,
    steps: Vec<CountStep>,
}

impl<Point: CountPoint> CountSeries<Point> {
    /// The points of the steps of a period, the oldest first. There are no steps after the view's day, nor before the
    /// registry's first record.
    ///
    /// # Errors
    /// When the period is invalid or has too many steps.
    pub fn new(
        ctx: &Context<'_>,
        view: &View,
        question: Point::Question,
        (period, step): (DateRange, StatisticsStep),
    ) -> Result<Self> {
        let (today, zone) = (view.day(), view.time_zone());
        let spans = series::steps(period.span(today)?, step.into()).filter(|spans| spans.len() <= MAX_POINTS);
        let spans = spans.ok_or_else(|| {
            Error::BadInput(format!(
                "A series of counts has at most {MAX_POINTS} points; use longer steps or a shorter `period`."
            ))
        })?;
        let first_record = ctx.data_unchecked::<Registry>().started_at();
        let steps = spans.into_iter().filter(|(from, _)| *from <= today).map(|(from, to)| {
            // What is written at midnight belongs to the next day.
            let ended_at = (to < today).then(|| zone.end_of(to) - TimeDelta::microseconds(1));
            CountStep { from, to, ended_at }
        });
        let has_records = |step: &CountStep| {
            first_record.is_some_and(|first| step.ended_at.unwrap_or_else(|| view.timestamp()) >= first)
        };
        Ok(Self { question, view: view.clone(), steps: steps.filter(has_records).collect() })
    }

    /// The points with what is selected of them, the last one first.
    async fn points(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Vec<Value>> {
        let failed = |error: Error| {
            ctx.set_error_path(async_graphql::Error::new_with_source(error).into_server_error(field.pos))
        };
        let restored = ctx.data_unchecked::<RestoredStates>();
        let mut points = Vec::with_capacity(self.steps.len());
        let (mut state, mut groups_left) = (self.view.clone(), MAX_GROUPS);
        for (index, step) in self.steps.iter().enumerate().rev() {
            if let Some(ended_at) = step.ended_at {
                // From the state of the step after it, which is dropped then.
                let earlier = restored.view_at(&state, ended_at).await;
                state = earlier.map_err(|error| failed(error.into()))?;
            }
            let point = Point::count(&self.question, *step, state.clone(), groups_left).map_err(failed)?;
            groups_left = groups_left.saturating_sub(point.group_count());
            let ctx = ctx.with_index(index);
            let resolved = point.resolve_sequentially(&ctx).await;
            points.push(resolved.map_err(|error| ctx.set_error_path(error))?);
        }
        Ok(points)
    }
}

impl<Point: CountPoint> OutputType for CountSeries<Point> {
    fn type_name() -> Cow<'static, str> {
        Vec::<Point>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<Point>::qualified_type_name()
    }

    fn create_type_info(registry: &mut TypeRegistry) -> String {
        Vec::<Point>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut points = self.points(ctx, field).await?;
        points.reverse();
        Ok(Value::List(points))
    }
}
