//! Cache keys.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

/// Cache key of a response: hash of what it depends on apart from the data of the registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of these parts, in this order.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            // Length prefixes keep the boundaries between parts unambiguous.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The key in hexadecimal.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

/// Hash of a request's bytes, keyed with a secret of this process, so that collisions cannot be searched for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey(u128);

/// Hashes requests with SipHash, several times as fast as the cryptographic hash of [`Key`].
pub(super) struct RequestHasher {
    secret: SipHasher13,
}

impl RequestHasher {
    pub(super) fn new() -> Self {
        Self { secret: SipHasher13::new_with_keys(rand::random(), rand::random()) }
    }

    /// The key of a request's bytes and its context.
    pub(super) fn key(&self, how: &[u8], bytes: &[u8]) -> RequestKey {
        let mut hasher = self.secret;
        hasher.write(how);
        hasher.write(bytes);
        RequestKey(hasher.finish128().as_u128())
    }
}
