//! Room for sockets: for so many in all, and so many of one client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// Sockets of one client: whoever has more leaves none to others.
const MOST_OF_A_CLIENT: usize = 20;

/// Sockets that are open.
pub struct Sockets {
    room: Arc<Semaphore>,
    of_clients: Arc<Mutex<HashMap<i64, usize>>>,
    closing: CancellationToken,
    open: TaskTracker,
}

/// Room for a socket, until it is dropped.
pub(super) struct Room {
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

/// Place of a socket among those of its client, until it is dropped.
pub(super) struct Place {
    of_clients: Arc<Mutex<HashMap<i64, usize>>>,
    client: i64,
}

impl Sockets {
    /// Room for so many.
    pub fn new(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            of_clients: Arc::default(),
            closing: CancellationToken::new(),
            open: TaskTracker::new(),
        }
    }

    /// Closes all of them, and waits for their end.
    pub async fn close(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }

    /// Until they are to be closed.
    pub(super) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Takes room for a socket, if there is some.
    pub(super) fn enter(&self) -> Option<Room> {
        let permit = self.room.clone().try_acquire_owned().ok()?;
        (!self.closing.is_cancelled()).then(|| Room { _permit: permit, _open: self.open.token() })
    }

    /// Takes a place among the sockets of a client, if it has not too many.
    pub(super) fn enter_as(&self, client: i64) -> Option<Place> {
        let mut of_clients = lock(&self.of_clients);
        let open = of_clients.entry(client).or_default();
        if *open >= MOST_OF_A_CLIENT {
            return None;
        }
        *open += 1;
        Some(Place { of_clients: self.of_clients.clone(), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_clients = lock(&self.of_clients);
        if let Some(open) = of_clients.get_mut(&self.client) {
            *open -= 1;
            if *open == 0 {
                of_clients.remove(&self.client);
            }
        }
    }
}

fn lock(of_clients: &Mutex<HashMap<i64, usize>>) -> MutexGuard<'_, HashMap<i64, usize>> {
    of_clients.lock().unwrap_or_else(PoisonError::into_inner)
}
