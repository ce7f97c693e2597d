//! Runs an operation with its permits, on the right threads, and within its timeout.

use std::time::{Duration, Instant};

use registry::worker_pool::{self, Meter};
use tokio::{sync::OwnedSemaphorePermit, task};

use super::{load_shedder::WorkClass, service::GraphqlService};
use crate::response_cache::{CachedResponse, ExecutionError};

/// An operation to run, with or without an admission permit.
pub(crate) struct Work<F> {
    /// Admission permit, held until the work is finished; `None` if the operation was not admitted.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    pub(crate) work_class: WorkClass,
    /// Time limit, including the wait for a permit to run.
    pub(crate) timeout: Duration,
    /// Meters the processor time used.
    pub(crate) meter: Meter,
    /// The execution; `None` if its response cannot be serialized.
    pub(crate) work: F,
}

impl<F: Future<Output = Option<CachedResponse>> + Send + 'static> Work<F> {
    /// Runs it.
    ///
    /// # Errors
    /// Why it was not completed.
    pub(crate) async fn run(self, service: &GraphqlService) -> Result<CachedResponse, ExecutionError> {
        let Self { permit, work_class, timeout, meter, work } = self;
        let until = Instant::now() + timeout;
        let Some(permit) = permit else { return Err(ExecutionError::Overloaded) };
        let in_turn = async {
            let turn =
                if work_class == WorkClass::Short { service.load_shedder().turn().await } else { None };
            // Lets the requests that have already arrived be admitted or rejected before this one runs, so that the number
            // of waiting requests is accurate.
            task::yield_now().await;
            let work = async move {
                let _permits = (permit, turn);
                meter.count(until, work).await
            };
            if work_class == WorkClass::Long { worker_pool::run(work).await } else { work.await }
        };
        let answer = tokio::time::timeout(timeout, in_turn).await.map_err(|_| ExecutionError::TimedOut)?;
        // The serialization error is already logged.
        answer.ok_or(ExecutionError::Panicked)
    }
}
