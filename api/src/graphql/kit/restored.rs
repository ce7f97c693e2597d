//! The whole registry as of a past time, to count in.

use async_graphql::Context;
use registry::{change_log::RestoredStates, view::View};

use super::{
    context::{Pinned, check_past},
    scalar::DateTime,
};
use crate::graphql::error::Result;

/// The registry as of a timestamp, to count in; the current view for `None`.
///
/// # Errors
/// If the timestamp is in the future, too many states are being restored, or the database does not answer.
pub async fn restored(ctx: &Context<'_>, as_of: Option<DateTime>) -> Result<View> {
    match as_of {
        Some(as_of) => restore(ctx.data_unchecked::<RestoredStates>(), ctx.view(), as_of).await,
        None => Ok(ctx.view().clone()),
    }
}

/// The registry as of a timestamp, to count in, for the viewer of the current view.
///
/// # Errors
/// As [`restored`].
pub async fn restore(states: &RestoredStates, now: &View, DateTime(at): DateTime) -> Result<View> {
    check_past(at)?;
    Ok(states.view_at(now, at).await?)
}
