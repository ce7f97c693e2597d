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
    is_compressed: bool,
    answer: A,
}

/// The answer as bytes.
pub(super) fn pack(answer: &Answer) -> Option<Vec<u8>> {
    let is_compressed = answer.body.len() >= COMPRESSED_FROM;
    let mut packed = serde_json::to_vec(&Line { is_compressed, answer }).ok()?;
    packed.push(b'\n');
    if is_compressed {
        packed.extend(snap::raw::Encoder::new().compress_vec(&answer.body).ok()?);
    } else {
        packed.extend_from_slice(&answer.body);
    }
    Some(packed)
}

/// The answer that bytes are; none for bytes that are none, or were damaged.
pub(super) fn unpack(packed: &[u8]) -> Option<Answer> {
    let end = packed.iter().position(|byte| *byte == b'\n')?;
    let Line { is_compressed, answer } = serde_json::from_slice::<Line<Answer>>(&packed[..end]).ok()?;
    let kept = &packed[end + 1..];
    let body = if is_compressed {
        if snap::raw::decompress_len(kept).ok()? > MOST {
            return None;
        }
        snap::raw::Decoder::new().decompress_vec(kept).ok()?
    } else {
        kept.to_vec()
    };
    (Answer::hash_of(&body) == answer.hash).then(|| Answer { body: Bytes::from(body), ..answer })
}
