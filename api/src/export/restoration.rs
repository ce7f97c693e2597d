//! The past state that a file is of. It is paid for once it may have begun to be restored, also if no file comes of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use chrono::NaiveDate;
use registry::{change_log::RestoredStates, view::View};

use super::{groups, list::Sources, options::Options};
use crate::graphql::{
    error::Error,
    kit::{field_policy::RESTORED_POINTS, restored::restore, scalar::DateTime},
};

/// Whether a past state may have begun to be restored; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Restoration(Arc<AtomicBool>);

impl Restoration {
    /// Points that the past state costs, however the response ends.
    pub(crate) fn points(&self) -> u64 {
        if self.0.load(Relaxed) { RESTORED_POINTS } else { 0 }
    }

    async fn restore(&self, states: &RestoredStates, now: &View, as_of: DateTime) -> Result<View, Error> {
        self.0.store(true, Relaxed);
        let restored = restore(states, now, as_of).await;
        if matches!(restored, Err(Error::Overloaded)) {
            self.0.store(false, Relaxed);
        }
        restored
    }
}

/// The view that a list is of, and its day. Nothing is restored for a head, nor for options that are invalid.
///
/// # Errors
/// When an option is invalid, too many states are being restored, or the database does not answer.
pub(super) async fn view_of(
    list: &str,
    options: &Options,
    now: &View,
    sources: &Sources,
) -> Result<(View, NaiveDate), Error> {
    let Some(as_of) = options.past_time()? else { return Ok((now.clone(), now.day())) };
    if sources.is_head {
        return Ok((now.clone(), now.time_zone().day_of(as_of.0)));
    }
    groups::check(list, options, now)?;
    let view = sources.restoration.restore(&sources.restored_states, now, as_of).await?;
    let day = view.day();
    Ok((view, day))
}
