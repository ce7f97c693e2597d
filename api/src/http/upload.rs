//! Bodies that are read as they come, for as long as they take: how many at once, how large, how slow at most.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Largest body, in bytes: twice what a nation's pages need for a day.
pub(super) const LIMIT: u64 = 128 << 20;
/// Bodies that are read at once: each has a thread, and the rows that are not recorded yet.
const PLACES: usize = 4;
/// Slowest client, in bytes a second, once it has had some time to begin.
const MIN_RATE: u64 = 16 << 10;
const BEGINNING: Duration = Duration::from_secs(10);
/// Time for any of a body to come.
const SILENCE: Duration = Duration::from_secs(10);

/// Room for bodies that are being read.
pub struct Uploads {
    places: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)) }
    }
}

impl Uploads {
    /// A place for a body until it is dropped; none where all are taken.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }
}

/// Why a body is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cut {
    /// It is larger than any may be.
    #[error("the body is too large")]
    TooLarge,
    /// It comes too slowly.
    #[error("the body comes too slowly")]
    TooSlow,
}

impl Cut {
    /// What is at the bottom of an error, where it is that.
    pub(super) fn of(error: &anyhow::Error) -> Option<Self> {
        error.chain().find_map(|cause| {
            cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)?.downcast_ref::<Self>().copied()
        })
    }
}

/// Whether a body says itself that it is too large.
pub(super) fn is_too_large(body: &Body) -> bool {
    body.size_hint().lower() > LIMIT
}

/// The parts of a body as they come: it breaks off where it is too large, or its client too slow.
pub(super) fn parts(body: Body) -> impl Stream<Item = io::Result<Bytes>> {
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
    let is_slow = after > BEGINNING && taken < (after - BEGINNING).as_secs() * MIN_RATE;
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
        assert_eq!(cut(10 * MIN_RATE, seconds(20)), None);
    }
}
