//! How many answers may wait to be made: whoever comes when there are more is sent away at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for answers that are being made.
pub struct Admission(Arc<Semaphore>);

impl Admission {
    /// Room for so many answers at once.
    pub fn new(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests)))
    }

    /// Takes room until what is answered is dropped; none where there is none.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_owned().ok()
    }
}
