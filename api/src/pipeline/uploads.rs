//! Streamed uploads: limits on concurrency, size, rate and duration.

use std::{
    io,
    time::{Duration, Instant},
};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::{Stream, StreamExt, stream};

use super::transfers::TransferLimiter;

/// Largest body in bytes: twice the size of a day of a whole country.
pub(crate) const LIMIT: u64 = 128 << 20;
/// Maximum concurrent uploads: each takes a thread, and memory for rows that are not recorded yet.
const MAX_TOTAL: usize = 4;
/// Minimum rate in bytes per second, after a grace period.
const MIN_RATE: u64 = 16 << 10;
/// Grace period.
const GRACE_PERIOD: Duration = Duration::from_secs(10);
/// Maximum total wait for a client: 150 KB per second are enough for the largest body.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// Maximum concurrent uploads per client.
const MAX_PER_CLIENT: usize = 2;
/// Timeout for the next chunk of a body.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(10);

/// A limiter of concurrent uploads, by id of the client.
pub(crate) fn limiter() -> TransferLimiter<i64> {
    TransferLimiter::new(MAX_TOTAL, MAX_PER_CLIENT)
}

/// Why reading a body was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cut {
    /// It is larger than [`LIMIT`].
    #[error("the body is too large")]
    TooLarge,
    /// It arrives too slowly.
    #[error("the body arrives too slowly")]
    TooSlow,
    /// It inflates to more than [`LIMIT`], or to too large a multiple of its size.
    #[error("the body inflates to too much")]
    InflatesTooMuch,
}

impl Cut {
    /// The `Cut` in the causes of an error, if any.
    pub(crate) fn of(error: &anyhow::Error) -> Option<Self> {
        error.chain().find_map(|cause| {
            cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)?.downcast_ref::<Self>().copied()
        })
    }
}

/// Whether a body is too large by its `Content-Length`.
pub(crate) fn is_too_large(body: &Body) -> bool {
    body.size_hint().lower() > LIMIT
}

/// Streams the chunks of a body; ends with an error when it is too large or arrives too slowly.
pub(crate) fn parts(body: Body) -> impl Stream<Item = io::Result<Bytes>> {
    let state = (body.into_data_stream(), 0_u64, Duration::ZERO, false);
    stream::unfold(state, |(mut parts, mut taken, mut waited, is_over)| async move {
        if is_over {
            return None;
        }
        // Only the wait for the client counts, not the time in which chunks are processed.
        let begun = Instant::now();
        let part = match tokio::time::timeout(CHUNK_TIMEOUT, parts.next()).await {
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

/// Whether to abort a body after `taken` bytes and waiting `after` for its client.
fn cut(taken: u64, after: Duration) -> Option<Cut> {
    let is_slow =
        after > MAX_WAIT || (after > GRACE_PERIOD && taken < (after - GRACE_PERIOD).as_secs() * MIN_RATE);
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
        assert_eq!(cut(1, seconds(9)), None, "within the grace period");
        assert_eq!(cut(LIMIT, seconds(60)), None);
        assert_eq!(cut(LIMIT + 1, seconds(1)), Some(Cut::TooLarge));
        assert_eq!(cut(MIN_RATE, seconds(20)), Some(Cut::TooSlow));
        assert_eq!(cut(LIMIT - 1, seconds(901)), Some(Cut::TooSlow), "the total wait is limited");
        assert_eq!(cut(10 * MIN_RATE, seconds(20)), None);
    }
}
