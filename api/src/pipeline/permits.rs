//! Semaphores per key, so that one client cannot take all permits.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A semaphore with the same number of permits for each key.
#[derive(Clone)]
pub struct KeyedSemaphore<K: Eq + Hash> {
    most_of_one: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// A permit, released on drop.
pub struct KeyedPermit<K: Eq + Hash> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    by: K,
}

impl<K: Eq + Hash + Clone> KeyedSemaphore<K> {
    /// This many permits per key.
    pub fn new(most_of_one: usize) -> Self {
        Self { most_of_one, taken: Arc::default() }
    }

    /// Takes a permit; `None` if all permits of the key are taken.
    pub fn enter(&self, by: K) -> Option<KeyedPermit<K>> {
        let mut taken = lock(&self.taken);
        let count = taken.entry(by.clone()).or_default();
        if *count >= self.most_of_one {
            return None;
        }
        *count += 1;
        Some(KeyedPermit { taken: self.taken.clone(), by })
    }
}

impl<K: Eq + Hash> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.by) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.by);
            }
        }
    }
}

fn lock<K>(taken: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_so_many_and_gives_them_back() {
        let permits = KeyedSemaphore::new(2);
        let held: Vec<_> = (0..2).map(|_| permits.enter("a").expect("a permit")).collect();
        assert!(permits.enter("a").is_none());
        assert!(permits.enter("b").is_some(), "others have their own");
        drop(held);
        assert!(permits.enter("a").is_some());
        assert!(lock(&permits.taken).is_empty(), "keys without permits are removed");
    }
}
