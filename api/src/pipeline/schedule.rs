//! Doing the work of an answer: where there is room for it, in turn, and for no longer than it may take.

use std::time::{Duration, Instant};

use registry::worker_pool::{self, Meter};
use tokio::{sync::OwnedSemaphorePermit, task};

use super::{load_shedder::WorkClass, service::GraphqlService};
use crate::response_cache::{CachedResponse, ExecutionError};

/// Work that there is room for, or not.
pub(crate) struct Work<F> {
    /// Room, which is held as long as the work is done.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    pub(crate) work_class: WorkClass,
    /// Time for it, with the wait for its turn.
    pub(crate) timeout: Duration,
    /// Counts the processor time that it takes.
    pub(crate) meter: Meter,
    /// Answers, unless the answer cannot be written.
    pub(crate) work: F,
}

impl<F: Future<Output = Option<CachedResponse>> + Send + 'static> Work<F> {
    /// Does it.
    ///
    /// # Errors
    /// Why it was not done.
    pub(crate) async fn done(self, service: &GraphqlService) -> Result<CachedResponse, ExecutionError> {
        let Self { permit, work_class, timeout, meter, work } = self;
        let until = Instant::now() + timeout;
        let Some(permit) = permit else { return Err(ExecutionError::Overloaded) };
        let in_turn = async {
            let turn =
                if work_class == WorkClass::Short { service.load_shedder().turn().await } else { None };
            // All requests that have come must be let in or sent away before the next of them is worked on, or else nobody
            // knows how many there are.
            task::yield_now().await;
            let work = async move {
                let _room = (permit, turn);
                meter.count(until, work).await
            };
            if work_class == WorkClass::Long { worker_pool::run(work).await } else { work.await }
        };
        let answer = tokio::time::timeout(timeout, in_turn).await.map_err(|_| ExecutionError::TimedOut)?;
        // What cannot be written is in the log.
        answer.ok_or(ExecutionError::Panicked)
    }
}
