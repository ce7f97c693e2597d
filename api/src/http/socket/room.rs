//! Room for sockets: for so many in all, and so many of one client.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::kit::places::{Place, Places};

/// Sockets of one client: whoever has more leaves none to others.
const MOST_OF_A_CLIENT: usize = 20;

/// Sockets that are open.
pub struct Sockets {
    room: Arc<Semaphore>,
    of_clients: Places<i64>,
    closing: CancellationToken,
    open: TaskTracker,
}

/// Room for a socket, until it is dropped.
pub(super) struct Room {
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

impl Sockets {
    /// Room for so many.
    pub fn new(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            of_clients: Places::new(MOST_OF_A_CLIENT),
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
    pub(super) fn enter_as(&self, client: i64) -> Option<Place<i64>> {
        self.of_clients.enter(client)
    }
}
