//! Limits on looking up unknown keys in the database: a key that was just created is found there, and random keys cost almost
//! nothing.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Maximum number of look-ups per second.
pub const PER_SECOND: u32 = 10;
/// Maximum number of look-ups at once, of the connections that requests share.
const AT_ONCE: usize = 2;

/// Limits on the look-ups of this server.
pub struct KeyLookups {
    permits: Semaphore,
    /// Beginning of the current second, and number of look-ups in it.
    current: Mutex<(Option<Instant>, u32)>,
}

impl Default for KeyLookups {
    fn default() -> Self {
        Self { permits: Semaphore::new(AT_ONCE), current: Mutex::default() }
    }
}

impl KeyLookups {
    /// Permit for one look-up; `None` if there are too many.
    pub fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.permits.try_acquire().ok()?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0.is_none_or(|begun| begun.elapsed() >= Duration::from_secs(1)) {
            *current = (Some(Instant::now()), 0);
        }
        current.1 += 1;
        (current.1 <= PER_SECOND).then_some(permit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_and_no_more_than_some_run_at_once() {
        let lookups = KeyLookups::default();
        let held: Vec<_> = (0..AT_ONCE).map(|_| lookups.enter().expect("a permit")).collect();
        assert!(lookups.enter().is_none());
        drop(held);
        let begun = Instant::now();
        let entered = (0..1_000).filter(|_| lookups.enter().is_some()).count();
        assert!(entered >= PER_SECOND as usize - AT_ONCE, "{entered}");
        let seconds = begun.elapsed().as_secs() as usize + 1;
        assert!(entered <= PER_SECOND as usize * (seconds + 1), "{entered}");
    }
}
