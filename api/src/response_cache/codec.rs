//! Encoding of responses in Redis: a hash of the rest, the metadata, and the body, compressed from 1 KiB on.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::CachedResponse;

/// Size in bytes from which a body is compressed.
const COMPRESSED_FROM: usize = 1_024;
/// Maximum size of a decompressed body in bytes.
const MAX_BYTES: usize = 16 << 20;
/// Bytes of the hash. It detects damage, not tampering: whoever can write to Redis can also forge responses.
const HASH: usize = 16;

#[derive(Serialize, Deserialize)]
struct Head<A> {
    /// Size of the decompressed body; `None` if it is not compressed.
    decompressed_length: Option<usize>,
    answer: A,
}

/// Encodes a response; `None` if it cannot be serialized.
pub(super) fn encode(answer: &CachedResponse) -> Option<Vec<u8>> {
    let is_compressed = answer.body.len() >= COMPRESSED_FROM;
    let compressed = is_compressed.then(|| lz4_flex::compress(&answer.body));
    let stored_body = compressed.as_deref().unwrap_or(&answer.body);
    let decompressed_length = is_compressed.then_some(answer.body.len());
    let mut encoded = postcard::to_extend(&Head { decompressed_length, answer }, vec![0; HASH]).ok()?;
    encoded.extend_from_slice(stored_body);
    let hash = XxHash3_128::oneshot(&encoded[HASH..]);
    encoded[..HASH].copy_from_slice(&hash.to_le_bytes());
    Some(encoded)
}

/// Decodes a response; `None` if the bytes are damaged or of another format.
pub(super) fn decode(encoded: Vec<u8>) -> Option<CachedResponse> {
    let (hash, rest) = encoded.split_first_chunk::<HASH>()?;
    if XxHash3_128::oneshot(rest).to_le_bytes() != *hash {
        return None;
    }
    let (Head { decompressed_length, answer }, stored_body) =
        postcard::take_from_bytes::<Head<CachedResponse>>(rest).ok()?;
    let body = match decompressed_length {
        Some(length) if length > MAX_BYTES => return None,
        Some(length) => lz4_flex::decompress(stored_body, length).ok()?.into(),
        None => {
            let start = encoded.len() - stored_body.len();
            Bytes::from(encoded).split_off(start)
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
            is_final: false,
        }
    }

    proptest! {
        #[test]
        fn a_response_comes_out_as_it_went_in(body in proptest::collection::vec(0_u8..4, 0..4_000), seq in any::<i64>()) {
            let response = response(body, seq);
            prop_assert_eq!(decode(encode(&response).expect("bytes")), Some(response));
        }

        #[test]
        fn damaged_bytes_are_no_response(body in proptest::collection::vec(any::<u8>(), 0..2_000), at in any::<prop::sample::Index>(), by in 1_u8..) {
            let mut encoded = encode(&response(body, 1)).expect("bytes");
            let at = at.index(encoded.len());
            encoded[at] ^= by;
            prop_assert_eq!(decode(encoded.clone()), None);
            encoded.truncate(at);
            prop_assert_eq!(decode(encoded), None);
        }
    }

    #[test]
    fn a_response_with_too_large_a_declared_length_is_not_decompressed() {
        let head = Head { decompressed_length: Some(MAX_BYTES + 1), answer: &response(Vec::new(), 1) };
        let mut encoded = postcard::to_extend(&head, vec![0; HASH]).expect("bytes");
        let hash = XxHash3_128::oneshot(&encoded[HASH..]);
        encoded[..HASH].copy_from_slice(&hash.to_le_bytes());
        assert_eq!(decode(encoded), None);
    }
}
