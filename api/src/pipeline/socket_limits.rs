//! Limits of WebSocket connections: in total, per client, and before authentication.

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

/// Maximum WebSockets per client.
const MAX_OF_A_CLIENT: usize = 20;
/// Maximum WebSockets that are not authenticated yet: in total, and per address.
const MAX_UNAUTHENTICATED: usize = 128;
const MAX_UNAUTHENTICATED_OF_ONE: usize = 16;

/// Limiter of WebSockets.
pub struct SocketLimiter {
    permits: Arc<Semaphore>,
    of_clients: KeyedSemaphore<i64>,
    arriving: Arc<Semaphore>,
    arriving_of: KeyedSemaphore<ClientKey>,
    closing: CancellationToken,
    open: TaskTracker,
}

/// Permit of an authenticated WebSocket, released on drop.
pub(crate) struct SocketPermit {
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

/// Permit of a WebSocket that is not authenticated yet, released on drop.
pub(crate) struct PendingSocketPermit {
    _permit: OwnedSemaphorePermit,
    _of_one: KeyedPermit<ClientKey>,
    _open: TaskTrackerToken,
}

/// Permit of a WebSocket.
pub(crate) enum Permit {
    /// Authenticated.
    Open(#[allow(dead_code, reason = "held until it is dropped")] SocketPermit),
    /// Not authenticated yet.
    Pending(#[allow(dead_code, reason = "held until it is dropped")] PendingSocketPermit),
}

impl SocketLimiter {
    /// A limiter for at most this many authenticated WebSockets.
    pub fn new(most: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(most)),
            of_clients: KeyedSemaphore::new(MAX_OF_A_CLIENT),
            arriving: Arc::new(Semaphore::new(MAX_UNAUTHENTICATED)),
            arriving_of: KeyedSemaphore::new(MAX_UNAUTHENTICATED_OF_ONE),
            closing: CancellationToken::new(),
            open: TaskTracker::new(),
        }
    }

    /// Closes all WebSockets, and waits until they are closed.
    pub async fn close(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }

    /// Completes when the WebSockets are to be closed.
    pub(crate) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Takes a permit for an authenticated WebSocket; `None` if there is none, or all are being closed.
    pub(crate) fn enter(&self) -> Option<SocketPermit> {
        let permit = self.permits.clone().try_acquire_owned().ok()?;
        (!self.closing.is_cancelled()).then(|| SocketPermit { _permit: permit, _open: self.open.token() })
    }

    /// Takes a permit for a WebSocket that is not authenticated yet; `None` if there is none, or all are being closed.
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

    /// Takes a permit for one more WebSocket of a client; `None` if it has too many.
    pub(crate) fn enter_as(&self, client: i64) -> Option<KeyedPermit<i64>> {
        self.of_clients.enter(client)
    }
}
