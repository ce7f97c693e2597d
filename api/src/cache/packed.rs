//! An answer as it is kept in Redis: a line of JSON about it, and what is sent, compressed where that is worth it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Answer;

/// Bytes from which on an answer is compressed.
const COMPRESSED_FROM: usize = 1_024;
/// Bytes that an answer may have when it is unpacked.
const MOST: usize = 16 << 20;

#[derive(Serialize, Deserialize)]
struct Line<A> {
    /// Bytes of the answer, where it is compressed.
    unpacked: Option<usize>,
    /// Hash of what follows: it is shorter than what is sent, and as hard to damage unseen.
    hash: [u8; 16],
    answer: A,
}

/// The answer as bytes.
pub(super) fn pack(answer: &Answer) -> Option<Vec<u8>> {
    let is_compressed = answer.body.len() >= COMPRESSED_FROM;
    let compressed = is_compressed.then(|| lz4_flex::compress(&answer.body));
    let kept = compressed.as_deref().unwrap_or(&answer.body);
    let unpacked = is_compressed.then_some(answer.body.len());
    let mut packed = serde_json::to_vec(&Line { unpacked, hash: Answer::hash_of(kept), answer }).ok()?;
    packed.reserve_exact(1 + kept.len());
    packed.push(b'\n');
    packed.extend_from_slice(kept);
    Some(packed)
}

/// The answer that bytes are; none for bytes that are none, or were damaged.
pub(super) fn unpack(packed: Vec<u8>) -> Option<Answer> {
    let end = packed.iter().position(|byte| *byte == b'\n')?;
    let Line { unpacked, hash, answer } = serde_json::from_slice::<Line<Answer>>(&packed[..end]).ok()?;
    let kept = Bytes::from(packed).split_off(end + 1);
    if Answer::hash_of(&kept) != hash {
        return None;
    }
    let body = match unpacked {
        Some(length) if length > MOST => return None,
        Some(length) => lz4_flex::decompress(&kept, length).ok()?.into(),
        None => kept,
    };
    Some(Answer { body, ..answer })
}
