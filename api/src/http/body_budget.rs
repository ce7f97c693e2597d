//! Bytes of requests' bodies that are received at once, for all clients together: many slow clients with large bodies leave
//! memory to others.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that bodies may have together which do not come in one piece.
const BUDGET: usize = 64 << 20;
/// Bytes of a unit in which it is counted.
const UNIT: usize = 1 << 10;

/// Bodies that are being received.
pub struct BodyBudget(Arc<Semaphore>);

/// Room for a body, until it is dropped.
pub(super) type BodyRoom = OwnedSemaphorePermit;

impl Default for BodyBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BUDGET / UNIT)))
    }
}

impl BodyBudget {
    /// Takes room for so many bytes; none where there is none.
    pub(super) fn take(&self, bytes: usize) -> Option<BodyRoom> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        self.0.clone().try_acquire_many_owned(units).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_there_again_once_it_is_dropped() {
        let budget = BodyBudget::default();
        let first = budget.take(BUDGET - 1).expect("room");
        assert!(budget.take(1).is_none(), "all of it is taken");
        drop(first);
        assert!(budget.take(BUDGET).is_some());
        assert!(budget.take(BUDGET + 1).is_none(), "more than there is");
    }
}
