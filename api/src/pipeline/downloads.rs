//! Room for files that clients are taking: so many in all, and so many of one client, so that nobody takes it from others.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::request_error::RequestError;
use crate::{
    error_code::ErrorCode,
    pipeline::permits::{self, KeyedSemaphore},
    rate_limit::ClientKey,
};

/// Files that are taken at once: each holds the state of the registry that it is of.
const MOST: usize = 64;
/// Files that one client takes at once.
const MOST_OF_ONE: usize = 4;

/// Files that are being taken.
pub struct Downloads {
    room: Arc<Semaphore>,
    of_askers: KeyedSemaphore<ClientKey>,
}

/// Place of a file, until it is dropped.
pub(crate) struct DownloadPermit {
    _permit: OwnedSemaphorePermit,
    _of_asker: permits::KeyedPermit<ClientKey>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST)), of_askers: KeyedSemaphore::new(MOST_OF_ONE) }
    }
}

impl Downloads {
    /// Takes a place for a file.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn enter(&self, client_key: ClientKey) -> Result<DownloadPermit, RequestError> {
        let Some(of_asker) = self.of_askers.enter(client_key) else {
            let text =
                format!("You are taking {MOST_OF_ONE} files already; wait until one of them is whole.");
            return Err(RequestError::new(ErrorCode::Throttled, text).retry_after(10));
        };
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            let text = "Too many files are being taken; try again shortly.";
            return Err(RequestError::new(ErrorCode::Overloaded, text).retry_after(10));
        };
        Ok(DownloadPermit { _permit: permit, _of_asker: of_asker })
    }
}
