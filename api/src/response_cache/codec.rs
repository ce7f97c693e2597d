//! An answer as it is kept in Redis: a hash of all that follows, what is known of the answer, and what is sent, compressed
//! where that is worth it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::CachedResponse;

/// Bytes from which on an answer is compressed.
const COMPRESSED_FROM: usize = 1_024;
/// Bytes that an answer may have when it is unpacked.
const MOST: usize = 16 << 20;
/// Bytes of the hash. Whoever may write to Redis can write answers anyway: it tells damage, not malice.
const HASH: usize = 16;

#[derive(Serialize, Deserialize)]
struct Head<A> {
    /// Bytes of the answer, where it is compressed.
    unpacked: Option<usize>,
    answer: A,
}

/// The answer as bytes.
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

/// The answer that bytes are; none for bytes that are none, or were damaged.
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
