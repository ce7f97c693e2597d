//! Room for sockets: for so many in all, and so many of one client.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::{
    pipeline::permits::{KeyedPermit, KeyedSemaphore},
    rate_limit::ClientKey,
};

/// Sockets of one client: whoever has more leaves none to others.
const MOST_OF_A_CLIENT: usize = 20;
/// Sockets whose client has not said its key yet: in all, and of one address.
const MOST_ARRIVING: usize = 128;
const MOST_ARRIVING_OF_ONE: usize = 16;

/// Sockets that are open.
pub struct SocketLimiter {
    room: Arc<Semaphore>,
    of_clients: KeyedSemaphore<i64>,
    arriving: Arc<Semaphore>,
    arriving_of: KeyedSemaphore<ClientKey>,
    closing: CancellationToken,
    open: TaskTracker,
}

/// Room for a socket, until it is dropped.
pub(crate) struct SocketPermit {
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

/// Room for a socket whose client is not known yet, until it is dropped.
pub(crate) struct PendingSocketPermit {
    _permit: OwnedSemaphorePermit,
    _of_one: KeyedPermit<ClientKey>,
    _open: TaskTrackerToken,
}

/// Room for a socket.
pub(crate) enum Permit {
    /// Its client is known.
    Open(#[allow(dead_code, reason = "held until it is dropped")] SocketPermit),
    /// Its client has not said its key yet.
    Pending(#[allow(dead_code, reason = "held until it is dropped")] PendingSocketPermit),
}

impl SocketLimiter {
    /// Room for so many.
    pub fn new(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            of_clients: KeyedSemaphore::new(MOST_OF_A_CLIENT),
            arriving: Arc::new(Semaphore::new(MOST_ARRIVING)),
            arriving_of: KeyedSemaphore::new(MOST_ARRIVING_OF_ONE),
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
    pub(crate) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Takes room for a socket, if there is some.
    pub(crate) fn enter(&self) -> Option<SocketPermit> {
        let permit = self.room.clone().try_acquire_owned().ok()?;
        (!self.closing.is_cancelled()).then(|| SocketPermit { _permit: permit, _open: self.open.token() })
    }

    /// Takes room for a socket whose client is not known yet, and so may be anyone, if there is some.
    pub(crate) fn arrive(&self, client_key: ClientKey) -> Option<PendingSocketPermit> {
        let of_one = self.arriving_of.enter(client_key)?;
        let permit = self.arriving.clone().try_acquire_owned().ok()?;
        let open = self.open.token();
        (!self.closing.is_cancelled()).then_some(PendingSocketPermit {
            _permit: permit,
            _of_one: of_one,
            _open: open,
        })
    }

    /// Takes a place among the sockets of a client, if it has not too many.
    pub(crate) fn enter_as(&self, client: i64) -> Option<KeyedPermit<i64>> {
        self.of_clients.enter(client)
    }
}
