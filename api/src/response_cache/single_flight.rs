//! Single flight: of concurrent equal requests the first is executed, and the others wait for its result.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tracing::Instrument;

/// The work did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

pub(super) type PendingResult<T> = Shared<BoxFuture<'static, Result<T, Lost>>>;

/// Work in flight by key.
pub(super) struct SingleFlight<K, T> {
    in_flight: Arc<Mutex<HashMap<K, PendingResult<T>>>>,
}

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self { in_flight: Arc::default() }
    }
}

impl<K, T> SingleFlight<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Joins the work in flight, or starts it. It runs to completion even if nobody waits any more, and is `Lost` if it
    /// panics.
    pub(super) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> PendingResult<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut in_flight = lock(&self.in_flight);
        if let Some(pending) = in_flight.get(&key) {
            return pending.clone();
        }
        let (entry, work) = (InFlight { in_flight: self.in_flight.clone(), key }, begin());
        // Boxed, since each step around it would move it on the stack.
        let task = Box::pin(async move {
            let _landing = entry;
            work.await
        });
        // Logged with the trace of the first request.
        let task = tokio::spawn(task.in_current_span());
        let pending = task.map(|done| done.map_err(|_| Lost)).boxed().shared();
        in_flight.insert(key, pending.clone());
        pending
    }
}

/// Removes the work from the map on drop, however it ends.
struct InFlight<K: Eq + Hash, T: Clone> {
    in_flight: Arc<Mutex<HashMap<K, PendingResult<T>>>>,
    key: K,
}

impl<K: Eq + Hash, T: Clone> Drop for InFlight<K, T> {
    fn drop(&mut self) {
        lock(&self.in_flight).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn equal_work_that_comes_together_is_done_once() {
        let (single_flight, begun) = (SingleFlight::<u8, usize>::default(), Arc::new(AtomicUsize::new(0)));
        let (done, is_done) = oneshot::channel::<()>();
        let first = begun.clone();
        let leader = single_flight.join(1, || async move {
            let _ = is_done.await;
            first.fetch_add(1, Ordering::Relaxed)
        });
        let second = begun.clone();
        let follower = single_flight.join(1, || async move { second.fetch_add(1, Ordering::Relaxed) });
        let other = single_flight.join(2, || async { 7 });
        assert_eq!(other.await, Ok(7), "other work does not wait");
        done.send(()).expect("the work waits");
        assert_eq!((leader.await, follower.await), (Ok(0), Ok(0)));
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        assert!(lock(&single_flight.in_flight).is_empty(), "completed work is removed");
    }

    #[tokio::test]
    async fn work_that_panics_is_lost_to_all_who_wait_and_begun_anew_by_the_next() {
        let single_flight = SingleFlight::<u8, usize>::default();
        let failed = single_flight.join(1, || async { panic!("a fault") });
        assert_eq!(failed.await, Err(Lost));
        assert_eq!(single_flight.join(1, || async { 2 }).await, Ok(2));
    }

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let single_flight = SingleFlight::<u8, ()>::default();
        let (done, is_done) = oneshot::channel();
        drop(single_flight.join(1, || async move {
            tokio::task::yield_now().await;
            let _ = done.send(());
        }));
        is_done.await.expect("it completed");
    }
}
