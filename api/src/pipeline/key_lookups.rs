//! Looking up unknown keys in the database: a key that was just created is found there, and random keys cost almost nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use moka::future::Cache;
use registry::{api_client, database::Database};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Maximum number of look-ups per second.
pub const PER_SECOND: u32 = 10;
/// Maximum number of look-ups at once, of the connections that requests share.
const AT_ONCE: usize = 2;
/// Maximum number of requests that wait at once, so that unknown keys cannot hold all connections.
const MAX_WAITING: usize = 512;
/// Time for which the result of a look-up is kept, and maximum number of kept ones.
const KEPT: (Duration, u64) = (Duration::from_secs(1), 1_024);

/// Look-ups of this server, and their limits.
pub struct KeyLookups {
    waiting: Semaphore,
    permits: Semaphore,
    /// Beginning of the current second, and number of look-ups in it.
    current: Mutex<(Option<Instant>, u32)>,
    /// Whether a key is active, by its hash. Requests with the same key share a look-up.
    results: Cache<blake3::Hash, bool>,
}

/// Why a key was not looked up.
#[derive(Debug)]
pub enum NotLookedUp {
    /// There are too many look-ups.
    TooMany,
    /// The database does not answer.
    Failed(anyhow::Error),
}

impl Default for KeyLookups {
    fn default() -> Self {
        let (time, most) = KEPT;
        Self {
            waiting: Semaphore::new(MAX_WAITING),
            permits: Semaphore::new(AT_ONCE),
            current: Mutex::default(),
            results: Cache::builder().max_capacity(most).time_to_live(time).build(),
        }
    }
}

impl KeyLookups {
    /// Permit for a request with an unknown key to wait; `None` if too many wait.
    pub fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.waiting.try_acquire().ok()
    }

    /// Whether a client has this key, which is neither revoked nor expired, according to the database, or to a look-up of the
    /// last second. Waits for other look-ups at most for this long.
    ///
    /// # Errors
    /// When there are too many look-ups, or the database does not answer.
    pub async fn is_active(
        &self,
        database: &Database,
        key: &str,
        wait: Duration,
    ) -> Result<bool, Arc<NotLookedUp>> {
        let look_up = async {
            let _permit = self.permit(wait).await.ok_or(NotLookedUp::TooMany)?;
            api_client::is_active_key(database, key).await.map_err(NotLookedUp::Failed)
        };
        self.results.try_get_with(blake3::hash(key.as_bytes()), look_up).await
    }

    /// Permit for one look-up; `None` if there are too many.
    async fn permit(&self, wait: Duration) -> Option<SemaphorePermit<'_>> {
        if !self.count() {
            return None;
        }
        tokio::time::timeout(wait, self.permits.acquire()).await.ok()?.ok()
    }

    /// Counts a look-up; `false` if the current second has had enough.
    fn count(&self) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0.is_none_or(|begun| begun.elapsed() >= Duration::from_secs(1)) {
            *current = (Some(Instant::now()), 0);
        }
        current.1 = current.1.saturating_add(1);
        current.1 <= PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_has_so_many_and_no_more_than_some_run_at_once() {
        let (lookups, wait) = (KeyLookups::default(), Duration::from_millis(20));
        let begun = Instant::now();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(lookups.permit(wait).await.expect("a permit"));
        }
        assert!(lookups.permit(wait).await.is_none(), "all are taken");
        let next = lookups.permit(Duration::from_secs(5));
        drop(held);
        assert!(next.await.is_some(), "it waits for one that ends");
        let mut entered = AT_ONCE + 2;
        for _ in 0..1_000 {
            entered += usize::from(lookups.permit(wait).await.is_some());
        }
        let seconds = begun.elapsed().as_secs() as usize + 1;
        assert!((PER_SECOND as usize..=PER_SECOND as usize * (seconds + 1)).contains(&entered), "{entered}");
    }

    #[test]
    fn so_many_requests_wait_at_once() {
        let lookups = KeyLookups::default();
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| lookups.enter().expect("a permit")).collect();
        assert!(lookups.enter().is_none());
        waiting.pop();
        assert!(lookups.enter().is_some());
    }
}
