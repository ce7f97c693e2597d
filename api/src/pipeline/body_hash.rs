//! BLAKE3 of a body, computed while it is read.

use std::{
    future::ready,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use blake3::Hasher;
use futures_util::{Stream, StreamExt, stream};

/// Hash of the chunks that were read.
#[derive(Clone, Default)]
pub(crate) struct BodyHash(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hasher: Hasher,
    is_broken: bool,
    is_whole: bool,
}

impl BodyHash {
    /// The same chunks; each is hashed when it is read.
    pub(crate) fn over<S: Stream<Item = io::Result<Bytes>> + Send>(
        &self,
        parts: S,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<S> {
        let state = self.0.clone();
        let to_end = parts.map(Some).chain(stream::once(ready(None)));
        to_end.filter_map(move |part| ready(lock(&state).take(part)))
    }

    /// The hash of the body; `None` unless it was read to its end.
    pub(crate) fn of_whole(&self) -> Option<[u8; 32]> {
        let state = lock(&self.0);
        state.is_whole.then(|| state.hasher.finalize().into())
    }
}

impl State {
    /// Takes a chunk, or the end.
    fn take(&mut self, part: Option<io::Result<Bytes>>) -> Option<io::Result<Bytes>> {
        match &part {
            Some(Ok(bytes)) => _ = self.hasher.update(bytes),
            Some(Err(_)) => self.is_broken = true,
            None => self.is_whole = !self.is_broken,
        }
        part
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Hash after so many chunks were read.
    fn hash(parts: Vec<io::Result<Bytes>>, read: usize) -> Option<[u8; 32]> {
        let hash = BodyHash::default();
        let reading = hash.over(stream::iter(parts)).take(read).collect::<Vec<_>>();
        reading.now_or_never().expect("nothing is awaited");
        hash.of_whole()
    }

    #[test]
    fn only_a_body_that_was_read_to_its_end_has_a_hash_which_does_not_depend_on_its_chunks() {
        let parts = |texts: &[&'static str]| {
            texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect()
        };
        let whole = hash(parts(&["day,", "views"]), usize::MAX);
        assert_eq!(whole, Some(blake3::hash(b"day,views").into()));
        assert_eq!(hash(parts(&["day,views"]), usize::MAX), whole);
        assert_ne!(hash(parts(&["day,view"]), usize::MAX), whole);
        assert_eq!(hash(parts(&["day,", "views"]), 1), None, "given up");
        let broken = vec![Ok(Bytes::from_static(b"day,views")), Err(io::Error::other("cut off"))];
        assert_eq!(hash(broken, usize::MAX), None);
    }
}
