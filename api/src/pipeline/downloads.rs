//! Room for files that clients are taking: so many in all, and so many of one asker, so that nobody takes it from others.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::response::{Accepts, refusal_with};
use crate::{
    pipeline::permits::{self, Places},
    rate_limit::Asker,
};

/// Files that are taken at once: each holds the state of the registry that it is of.
const MOST: usize = 64;
/// Files that one asker takes at once.
const MOST_OF_ONE: usize = 4;

/// Files that are being taken.
pub struct Downloads {
    room: Arc<Semaphore>,
    of_askers: Places<Asker>,
}

/// Place of a file, until it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _of_asker: permits::Place<Asker>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST)), of_askers: Places::new(MOST_OF_ONE) }
    }
}

impl Downloads {
    /// Takes a place for a file.
    ///
    /// # Errors
    /// The refusal to send where there is none.
    pub(crate) fn enter(&self, asker: Asker) -> Result<Place, Box<Response<Body>>> {
        let Some(of_asker) = self.of_askers.enter(asker) else {
            let text =
                format!("You are taking {MOST_OF_ONE} files already; wait until one of them is whole.");
            return Err(refused(StatusCode::TOO_MANY_REQUESTS, "THROTTLED", &text));
        };
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            let text = "Too many files are being taken; try again shortly.";
            return Err(refused(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", text));
        };
        Ok(Place { _permit: permit, _of_asker: of_asker })
    }
}

fn refused(status: StatusCode, code: &str, text: &str) -> Box<Response<Body>> {
    refusal_with(Accepts::Json, status, code, text, (header::RETRY_AFTER, "10")).into()
}
