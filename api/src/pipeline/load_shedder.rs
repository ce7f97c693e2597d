//! Load shedding: limits how many operations are admitted, and how many short ones run at once. Requests beyond are rejected.

use std::{num::NonZeroUsize, sync::Arc, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Short operations that run at once, per processor: more would only compete for it. The others wait on a semaphore, not in
/// the scheduler, so that rejected requests and cache hits are not queued behind them.
const SHORT_AT_ONCE: usize = 2;

/// Class of an operation, which decides where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkClass {
    /// Short and from memory: runs on the IO threads, with a permit.
    Short,
    /// Long, or waiting for the database: runs on the worker pool, without a permit for short operations.
    Long,
}

/// Limits the operations that are admitted and executed.
pub struct LoadShedder {
    admission: Arc<Semaphore>,
    short: Arc<Semaphore>,
}

impl LoadShedder {
    /// Admits at most this many operations at once.
    pub fn new(requests: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { admission: semaphore(requests), short: semaphore(SHORT_AT_ONCE * processors) }
    }

    /// Whether the next operation would be rejected.
    pub(crate) fn is_full(&self) -> bool {
        self.admission.available_permits() == 0
    }

    /// Takes an admission permit; `None` if there is none.
    pub(crate) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.admission.clone().try_acquire_owned().ok()
    }

    /// Waits for a permit to run a short operation.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        self.short.clone().acquire_owned().await.ok()
    }
}
