//! Coalescing of lookups: concurrent lookups of the same key share one request.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

type Asked<K, T> = Arc<Mutex<HashMap<K, WeakShared<BoxFuture<'static, T>>>>>;

/// Lookups in flight. Unlike a [`SingleFlight`](super::single_flight::SingleFlight), a lookup is cancelled when nobody waits
/// for it any more, and so needs no task.
pub(super) struct SharedLookups<K, T> {
    asked: Asked<K, T>,
}

impl<K, T> Default for SharedLookups<K, T> {
    fn default() -> Self {
        Self { asked: Arc::default() }
    }
}

impl<K, T> SharedLookups<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Joins the lookup in flight, or starts one.
    pub(super) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Shared<BoxFuture<'static, T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut asked = lock(&self.asked);
        if let Some(lookup) = asked.get(&key).and_then(WeakShared::upgrade) {
            return lookup;
        }
        let (ended, work) = (Ended { asked: self.asked.clone(), key }, begin());
        let lookup = async move {
            let _ended = ended;
            work.await
        };
        let lookup = lookup.boxed().shared();
        asked.extend(lookup.downgrade().map(|weak| (key, weak)));
        lookup
    }
}

/// Removes a lookup from the map on drop, whether it completed or was cancelled.
struct Ended<K: Eq + Hash, T: Clone> {
    asked: Asked<K, T>,
    key: K,
}

impl<K: Eq + Hash, T: Clone> Drop for Ended<K, T> {
    fn drop(&mut self) {
        lock(&self.asked).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
