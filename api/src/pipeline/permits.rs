//! Places that are taken for a while, so many by each: whoever has more leaves none to others.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Places by whoever takes them.
#[derive(Clone)]
pub struct KeyedSemaphore<K: Eq + Hash> {
    most_of_one: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// A place, until it is dropped.
pub struct KeyedPermit<K: Eq + Hash> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    by: K,
}

impl<K: Eq + Hash + Clone> KeyedSemaphore<K> {
    /// So many places for each.
    pub fn new(most_of_one: usize) -> Self {
        Self { most_of_one, taken: Arc::default() }
    }

    /// Takes a place; none where all of theirs are taken.
    pub fn enter(&self, by: K) -> Option<KeyedPermit<K>> {
        let mut taken = lock(&self.taken);
        let places = taken.entry(by.clone()).or_default();
        if *places >= self.most_of_one {
            return None;
        }
        *places += 1;
        Some(KeyedPermit { taken: self.taken.clone(), by })
    }
}

impl<K: Eq + Hash> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(places) = taken.get_mut(&self.by) {
            *places -= 1;
            if *places == 0 {
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
        let places = KeyedSemaphore::new(2);
        let held: Vec<_> = (0..2).map(|_| places.enter("a").expect("a place")).collect();
        assert!(places.enter("a").is_none());
        assert!(places.enter("b").is_some(), "others have their own");
        drop(held);
        assert!(places.enter("a").is_some());
        assert!(lock(&places.taken).is_empty(), "nobody is remembered who has none");
    }
}
