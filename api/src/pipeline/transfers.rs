//! Limiter of concurrent transfers: in total and per client.

use std::{hash::Hash, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::permits::{KeyedPermit, KeyedSemaphore};

/// Limiter of concurrent uploads or downloads by clients with keys of this type.
pub struct TransferLimiter<K: Eq + Hash> {
    total: Arc<Semaphore>,
    per_client: KeyedSemaphore<K>,
}

/// Permit of a transfer, released on drop.
pub(crate) struct TransferPermit<K: Eq + Hash> {
    _total: OwnedSemaphorePermit,
    _per_client: KeyedPermit<K>,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferLimit {
    /// That of the client.
    PerClient,
    /// That of all clients together.
    Total,
}

impl<K: Clone + Eq + Hash> TransferLimiter<K> {
    /// This many permits, of which one client can have `per_client`.
    pub(crate) fn new(total: usize, per_client: usize) -> Self {
        Self { total: Arc::new(Semaphore::new(total)), per_client: KeyedSemaphore::new(per_client) }
    }

    /// Takes a permit.
    ///
    /// # Errors
    /// Which limit is reached.
    pub(crate) fn enter(&self, client: K) -> Result<TransferPermit<K>, TransferLimit> {
        let per_client = self.per_client.enter(client).ok_or(TransferLimit::PerClient)?;
        let total = self.total.clone().try_acquire_owned().map_err(|_| TransferLimit::Total)?;
        Ok(TransferPermit { _total: total, _per_client: per_client })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_limited_per_client_and_in_total() {
        let limiter = TransferLimiter::new(3, 2);
        let permits: Vec<_> = ["a", "a", "b"].map(|client| limiter.enter(client).ok()).into();
        assert!(permits.iter().all(Option::is_some));
        assert_eq!(limiter.enter("a").err(), Some(TransferLimit::PerClient));
        assert_eq!(limiter.enter("c").err(), Some(TransferLimit::Total));
        drop(permits);
        assert!(limiter.enter("c").is_ok(), "permits are released");
    }

    #[test]
    fn a_client_that_is_rejected_by_the_total_keeps_its_own_permits() {
        let limiter = TransferLimiter::new(1, 1);
        let permit = limiter.enter("a").ok();
        assert_eq!(limiter.enter("b").err(), Some(TransferLimit::Total));
        drop(permit);
        assert!(limiter.enter("b").is_ok());
    }
}
