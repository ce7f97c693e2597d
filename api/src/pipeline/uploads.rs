//! Bodies that are read as they come, for as long as they take: how many at once, how large, how slow at most.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::pipeline::permits::{KeyedPermit, KeyedSemaphore};

/// Largest body, in bytes: twice what a nation's pages need for a day.
pub(crate) const LIMIT: u64 = 128 << 20;
/// Bodies that are read at once: each has a thread, and the rows that are not recorded yet.
const PLACES: usize = 4;
/// Slowest client, in bytes a second, once it has had some time to begin.
const MIN_RATE: u64 = 16 << 10;
const BEGINNING: Duration = Duration::from_secs(10);
/// Longest that is waited for a client in all: 150 KB a second are enough for the largest body.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Bodies of one client that are read at once: each leaves room to others.
const PLACES_OF_ONE: usize = 2;
/// Time for any of a body to come.
const SILENCE: Duration = Duration::from_secs(10);

/// Room for bodies that are being read.
pub struct Uploads {
    places: Arc<Semaphore>,
    of_clients: KeyedSemaphore<i64>,
}

/// Place of a body, until it is dropped.
pub(crate) struct UploadPermit {
    _permit: OwnedSemaphorePermit,
    _of_client: KeyedPermit<i64>,
}

/// Why there is no place for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// The client is sending as many as it may.
    OfClient,
    /// All are taken.
    AtAll,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), of_clients: KeyedSemaphore::new(PLACES_OF_ONE) }
    }
}

impl Uploads {
    /// A place for a body of a client.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn enter(&self, client_id: i64) -> Result<UploadPermit, NoPlace> {
        let of_client = self.of_clients.enter(client_id).ok_or(NoPlace::OfClient)?;
        let permit = self.places.clone().try_acquire_owned().map_err(|_| NoPlace::AtAll)?;
        Ok(UploadPermit { _permit: permit, _of_client: of_client })
    }
}

/// Why a body is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cut {
    /// It is larger than any may be.
    #[error("the body is too large")]
    TooLarge,
    /// It comes too slowly.
    #[error("the body comes too slowly")]
    TooSlow,
}

impl Cut {
    /// What is at the bottom of an error, where it is that.
    pub(crate) fn of(error: &anyhow::Error) -> Option<Self> {
        error.chain().find_map(|cause| {
            cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)?.downcast_ref::<Self>().copied()
        })
    }
}

/// Whether a body says itself that it is too large.
pub(crate) fn is_too_large(body: &Body) -> bool {
    body.size_hint().lower() > LIMIT
}

/// The parts of a body as they come: it breaks off where it is too large, or its client too slow.
pub(crate) fn parts(body: Body) -> impl Stream<Item = io::Result<Bytes>> {
    let state = (body.into_data_stream(), 0_u64, Duration::ZERO, false);
    stream::unfold(state, |(mut parts, mut taken, mut waited, is_over)| async move {
        if is_over {
            return None;
        }
        // Only time that the client takes counts, and none in which we are not ready for more.
        let begun = Instant::now();
        let part = match tokio::time::timeout(SILENCE, parts.next()).await {
            Err(_) => Err(io::Error::other(Cut::TooSlow)),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Ok(Some(Ok(bytes))) => {
                (taken, waited) = (taken + bytes.len() as u64, waited + begun.elapsed());
                match cut(taken, waited) {
                    Some(cut) => Err(io::Error::other(cut)),
                    None => Ok(bytes),
                }
            }
        };
        let is_over = part.is_err();
        Some((part, (parts, taken, waited, is_over)))
    })
}

/// Whether a body of which so much has come, after waiting for its client so long, is to be cut off.
fn cut(taken: u64, after: Duration) -> Option<Cut> {
    let is_slow = after > LONGEST || (after > BEGINNING && taken < (after - BEGINNING).as_secs() * MIN_RATE);
    match taken > LIMIT {
        true => Some(Cut::TooLarge),
        false => is_slow.then_some(Cut::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_when_it_is_too_large_or_comes_too_slowly() {
        let seconds = Duration::from_secs;
        assert_eq!(cut(1, seconds(9)), None, "it has some time to begin");
        assert_eq!(cut(LIMIT, seconds(60)), None);
        assert_eq!(cut(LIMIT + 1, seconds(1)), Some(Cut::TooLarge));
        assert_eq!(cut(MIN_RATE, seconds(20)), Some(Cut::TooSlow));
        assert_eq!(cut(LIMIT - 1, seconds(901)), Some(Cut::TooSlow), "nobody takes a place for ever");
        assert_eq!(cut(10 * MIN_RATE, seconds(20)), None);
    }
}
