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

pub(super) type Flight<T> = Shared<BoxFuture<'static, Result<T, Lost>>>;

/// Work that is being done, by what it is known by.
pub(super) struct Flights<K, T> {
    flying: Arc<Mutex<HashMap<K, Flight<T>>>>,
}

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self { flying: Arc::default() }
    }
}

impl<K, T> Flights<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// The work that is being done already, or else is begun. It goes on whoever stops waiting; it is lost if it panics.
    pub(super) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Flight<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut flying = lock(&self.flying);
        if let Some(flight) = flying.get(&key) {
            return flight.clone();
        }
        let (landing, work) = (Landing { flying: self.flying.clone(), key }, begin());
        let task = tokio::spawn(async move {
            let _landing = landing;
            work.await
        });
        let flight = task.map(|done| done.map_err(|_| Lost)).boxed().shared();
        flying.insert(key, flight.clone());
        flight
    }
}

/// Takes the work off the list however it ends.
struct Landing<K: Eq + Hash, T: Clone> {
    flying: Arc<Mutex<HashMap<K, Flight<T>>>>,
    key: K,
}

impl<K: Eq + Hash, T: Clone> Drop for Landing<K, T> {
    fn drop(&mut self) {
        lock(&self.flying).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
