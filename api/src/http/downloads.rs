//! Room for files that clients are taking: so many in all, and so many of one asker, so that nobody takes it from others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::response::{Accepts, refusal_with};
use crate::rate::Asker;

/// Files that are taken at once: each holds the state of the registry that it is of.
const MOST: usize = 64;
/// Files that one asker takes at once.
const MOST_OF_ONE: usize = 4;

/// Files that are being taken.
pub struct Downloads {
    room: Arc<Semaphore>,
    of_askers: Arc<Mutex<HashMap<Asker, usize>>>,
}

/// Place of a file, until it is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    of_askers: Arc<Mutex<HashMap<Asker, usize>>>,
    asker: Asker,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST)), of_askers: Arc::default() }
    }
}

impl Downloads {
    /// Takes a place for a file.
    ///
    /// # Errors
    /// The refusal to send where there is none.
    pub(super) fn enter(&self, asker: Asker) -> Result<Place, Box<Response<Body>>> {
        let mut of_askers = lock(&self.of_askers);
        if of_askers.get(&asker).is_some_and(|open| *open >= MOST_OF_ONE) {
            let text =
                format!("You are taking {MOST_OF_ONE} files already; wait until one of them is whole.");
            return Err(refused(StatusCode::TOO_MANY_REQUESTS, "THROTTLED", &text));
        }
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            let text = "Too many files are being taken; try again shortly.";
            return Err(refused(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", text));
        };
        *of_askers.entry(asker).or_default() += 1;
        Ok(Place { _permit: permit, of_askers: self.of_askers.clone(), asker })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_askers = lock(&self.of_askers);
        if let Some(open) = of_askers.get_mut(&self.asker) {
            *open -= 1;
            if *open == 0 {
                of_askers.remove(&self.asker);
            }
        }
    }
}

fn refused(status: StatusCode, code: &str, text: &str) -> Box<Response<Body>> {
    refusal_with(Accepts::Json, status, code, text, (header::RETRY_AFTER, "10")).into()
}

fn lock(of_askers: &Mutex<HashMap<Asker, usize>>) -> MutexGuard<'_, HashMap<Asker, usize>> {
    of_askers.lock().unwrap_or_else(PoisonError::into_inner)
}
