//! One at a time: of equal requests that come together, the first is worked on, and the others wait for its answer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

/// The work did not come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

pub(super) type PendingResult<T> = Shared<BoxFuture<'static, Result<T, Lost>>>;

/// Work that is being done, by what it is known by.
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
    /// The work that is being done already, or else is begun. It goes on whoever stops waiting; it is lost if it panics.
    pub(super) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> PendingResult<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut in_flight = lock(&self.in_flight);
        if let Some(pending) = in_flight.get(&key) {
            return pending.clone();
        }
        let (entry, work) = (InFlight { in_flight: self.in_flight.clone(), key }, begin());
        let task = tokio::spawn(async move {
            let _landing = entry;
            work.await
        });
        let pending = task.map(|done| done.map_err(|_| Lost)).boxed().shared();
        in_flight.insert(key, pending.clone());
        pending
    }
}

/// Takes the work off the list however it ends.
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
