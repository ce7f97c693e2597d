//! How many answers may wait to be made, and how many are made at once: whoever comes when there are more is sent away.

use std::{num::NonZeroUsize, sync::Arc, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Short answers that are made at once, for each processor: more would only wait for it. The others wait out of the
/// scheduler's sight, so that requests which are sent away, or have kept answers, do not wait behind them.
const SHORT_AT_ONCE: usize = 2;

/// What an answer is made of, as far as it matters when it is its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkClass {
    /// Of the memory, in a moment: on the threads that take in requests.
    Short,
    /// For longer, or of what the database tells: on the workers, and without a turn.
    Long,
}

/// Room for answers that are being made.
pub struct LoadShedder {
    waiting: Arc<Semaphore>,
    short: Arc<Semaphore>,
}

impl LoadShedder {
    /// Room for so many answers to wait.
    pub fn new(requests: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let room = |permits| Arc::new(Semaphore::new(permits));
        Self { waiting: room(requests), short: room(SHORT_AT_ONCE * processors) }
    }

    /// Whether nobody would be let in.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.available_permits() == 0
    }

    /// Takes room until what is answered is dropped; none where there is none.
    pub(crate) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.waiting.clone().try_acquire_owned().ok()
    }

    /// Waits for a turn of a short answer, which ends when it is dropped.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed, so there is always a turn to wait for.
        self.short.clone().acquire_owned().await.ok()
    }
}
