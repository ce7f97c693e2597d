//! Encoding of responses in Redis: a hash of the rest, the metadata, and the body, compressed from 1 KiB on.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::CachedResponse;

/// Size in bytes from which a body is compressed.
const COMPRESSED_FROM: usize = 1_024;
/// Maximum size of a decompressed body in bytes.
const MOST: usize = 16 << 20;
/// Bytes of the hash. It detects damage, not tampering: whoever can write to Redis can also forge responses.
const HASH: usize = 16;

#[derive(Serialize, Deserialize)]
struct Head<A> {
    /// Size of the decompressed body; `None` if it is not compressed.
    unpacked: Option<usize>,
    answer: A,
}

/// Encodes a response; `None` if it cannot be serialized.
pub(super) fn pack(answer: &CachedResponse) -> Option<Vec<u8>> {
    let is_compressed = answer.body.len() >= COMPRESSED_FROM;
    let compressed = is_compressed.then(|| lz4_flex::compress(&answer.body));
    let kept = compressed.as_deref().unwrap_or(&answer.body);
    let unpacked = is_compressed.then_some(answer.body.len());
    let mut packed = postcard::to_extend(&Head { unpacked, answer }, vec![0; HASH]).ok()?;
    packed.extend_from_slice(kept);
    let hash = XxHash3_128::oneshot(&packed[HASH..]);
    packed[..HASH].copy_from_slice(&hash.to_le_bytes());
    Some(packed)
}

/// Decodes a response; `None` if the bytes are damaged or of another format.
pub(super) fn unpack(packed: Vec<u8>) -> Option<CachedResponse> {
    let (hash, known) = packed.split_first_chunk::<HASH>()?;
    if XxHash3_128::oneshot(known).to_le_bytes() != *hash {
        return None;
    }
    let (Head { unpacked, answer }, kept) = postcard::take_from_bytes::<Head<CachedResponse>>(known).ok()?;
    let body = match unpacked {
        Some(length) if length > MOST => return None,
        Some(length) => lz4_flex::decompress(kept, length).ok()?.into(),
        None => {
            let start = packed.len() - kept.len();
            Bytes::from(packed).split_off(start)
        }
    };
    Some(CachedResponse { body, ..answer })
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use chrono::DateTime;
    use proptest::prelude::*;
    use registry::snapshot::TimelinePosition;

    use super::*;
    use crate::response_cache::{CachePolicy, Outcome};

    fn response(body: Vec<u8>, seq: i64) -> CachedResponse {
        CachedResponse {
            body: body.into(),
            hash: OnceLock::new(),
            seq,
            executed_on: TimelinePosition { seq, hash: [7; 16] },
            generation: 0,
            executed_at: DateTime::UNIX_EPOCH,
            dependencies: Default::default(),
            policy: CachePolicy::Today,
            requested: 10,
            actual: 3,
            outcome: Outcome::Whole,
        }
    }

    proptest! {
        #[test]
        fn a_response_comes_out_as_it_went_in(body in proptest::collection::vec(0_u8..4, 0..4_000), seq in any::<i64>()) {
            let response = response(body, seq);
            prop_assert_eq!(unpack(pack(&response).expect("bytes")), Some(response));
        }

        #[test]
        fn damaged_bytes_are_no_response(body in proptest::collection::vec(any::<u8>(), 0..2_000), at in any::<prop::sample::Index>(), by in 1_u8..) {
            let mut packed = pack(&response(body, 1)).expect("bytes");
            let at = at.index(packed.len());
            packed[at] ^= by;
            prop_assert_eq!(unpack(packed.clone()), None);
            packed.truncate(at);
            prop_assert_eq!(unpack(packed), None);
        }
    }

    #[test]
    fn a_response_that_says_it_is_too_long_is_not_unpacked() {
        let head = Head { unpacked: Some(MOST + 1), answer: &response(Vec::new(), 1) };
        let mut packed = postcard::to_extend(&head, vec![0; HASH]).expect("bytes");
        let hash = XxHash3_128::oneshot(&packed[HASH..]);
        packed[..HASH].copy_from_slice(&hash.to_le_bytes());
        assert_eq!(unpack(packed), None);
    }
}
