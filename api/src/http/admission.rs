//! How many answers may wait to be made, and how many are made at once: whoever comes when there are more is sent away.

use std::{num::NonZeroUsize, sync::Arc, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Answers that are made from memory at once, for each processor: more would only wait for it. The others wait out of the
/// scheduler's sight, so that requests which are sent away, or have kept answers, do not wait behind them.
const AT_ONCE: usize = 2;

/// Room for answers that are being made.
pub struct Admission {
    waiting: Arc<Semaphore>,
    at_once: Semaphore,
}

impl Admission {
    /// Room for so many answers to wait.
    pub fn new(requests: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { waiting: Arc::new(Semaphore::new(requests)), at_once: Semaphore::new(AT_ONCE * processors) }
    }

    /// Whether nobody would be let in.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.available_permits() == 0
    }

    /// Takes room until what is answered is dropped; none where there is none.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.waiting.clone().try_acquire_owned().ok()
    }

    /// Waits for a turn, which ends when what is answered is dropped.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so there is always a turn to wait for.
        self.at_once.acquire().await.ok()
    }
}
