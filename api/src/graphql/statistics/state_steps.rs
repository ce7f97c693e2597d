//! Steps of time with the registry as it was at the end of each, for series of counts.

use async_graphql::Context;
use chrono::TimeDelta;
use registry::{
    analytics::series::{self, Span},
    change_log::{Registry, RestoredStates},
    view::View,
};

use super::object::StatisticsStep;
use crate::graphql::{
    error::{Error, Result},
    kit::date_range::DateRange,
};

/// Maximum number of points of a series of counts.
const MAX_POINTS: usize = 36;

/// The steps of a period, the oldest first, each with the registry as it was at its end: in the step of the view's day, as
/// the view has it. There are no steps after that day, nor before the registry's first record.
///
/// # Errors
/// When the period is invalid or has too many steps, too many states are being restored, or the database does not answer.
pub async fn restored_steps(
    ctx: &Context<'_>,
    view: &View,
    period: DateRange,
    step: StatisticsStep,
) -> Result<Vec<(Span, View)>> {
    let (today, zone) = (view.day(), view.time_zone());
    let spans = series::steps(period.span(today)?, step.into()).filter(|spans| spans.len() <= MAX_POINTS);
    let spans = spans.ok_or_else(|| {
        Error::BadInput(format!(
            "A series of counts has at most {MAX_POINTS} points; use longer steps or a shorter `period`."
        ))
    })?;
    let Some(first_record) = ctx.data_unchecked::<Registry>().started_at() else { return Ok(Vec::new()) };
    let (mut steps, mut later) = (Vec::new(), view.clone());
    // From the last one backwards: each state is restored from the one after it.
    for span in spans.into_iter().rev().filter(|span| span.0 <= today) {
        let is_over = span.1 < today;
        // The last microsecond of its last day: what is written at midnight belongs to the next one.
        let end = if is_over { zone.end_of(span.1) - TimeDelta::microseconds(1) } else { view.timestamp() };
        if end < first_record {
            break;
        }
        if is_over {
            later = ctx.data_unchecked::<RestoredStates>().view_at(&later, end).await?;
        }
        steps.push((span, later.clone()));
    }
    steps.reverse();
    Ok(steps)
}
