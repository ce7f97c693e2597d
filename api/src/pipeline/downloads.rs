//! Limits of concurrent downloads: in total and per client.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::request_error::RequestError;
use crate::{
    error_code::ErrorCode,
    pipeline::permits::{self, KeyedSemaphore},
    rate_limit::ClientKey,
};

/// Maximum concurrent downloads: each pins a snapshot.
const MOST: usize = 64;
/// Maximum concurrent downloads per client.
const MOST_OF_ONE: usize = 4;

/// Limiter of concurrent downloads.
pub struct Downloads {
    permits: Arc<Semaphore>,
    of_clients: KeyedSemaphore<ClientKey>,
}

/// Permit of a download, released on drop.
pub(crate) struct DownloadPermit {
    _permit: OwnedSemaphorePermit,
    _of_client: permits::KeyedPermit<ClientKey>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(MOST)), of_clients: KeyedSemaphore::new(MOST_OF_ONE) }
    }
}

impl Downloads {
    /// Takes a permit for a download.
    ///
    /// # Errors
    /// When the client or all clients together have too many downloads.
    pub(crate) fn enter(&self, client_key: ClientKey) -> Result<DownloadPermit, RequestError> {
        let Some(of_client) = self.of_clients.enter(client_key) else {
            let text = format!("You have {MOST_OF_ONE} downloads in progress; wait until one is finished.");
            return Err(RequestError::new(ErrorCode::Throttled, text).retry_after(10));
        };
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            let text = "Too many downloads are in progress; try again shortly.";
            return Err(RequestError::new(ErrorCode::Overloaded, text).retry_after(10));
        };
        Ok(DownloadPermit { _permit: permit, _of_client: of_client })
    }
}
