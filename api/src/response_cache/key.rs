//! What an answer is found by.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

/// Hash of what an answer depends on beside the registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of these parts, in this order.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            // With its length before it, no part can pass for the end of one and the beginning of the next.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The key as text.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

/// Hash of a request's bytes, with a secret of this process: nobody can look for two requests that share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey(u128);

/// Hashes requests: several times as fast as what is kept outside the process may be hashed.
pub(super) struct RequestHasher {
    secret: SipHasher13,
}

impl RequestHasher {
    pub(super) fn new() -> Self {
        Self { secret: SipHasher13::new_with_keys(rand::random(), rand::random()) }
    }

    /// The key of what a request says, and of how it is asked.
    pub(super) fn key(&self, how: &[u8], bytes: &[u8]) -> RequestKey {
        let mut hasher = self.secret;
        hasher.write(how);
        hasher.write(bytes);
        RequestKey(hasher.finish128().as_u128())
    }
}
