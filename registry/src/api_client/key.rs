//! How keys are made, and what is stored of them.

use anyhow::Result;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};

/// Prefix of every key, so that leaked keys can be found by scanners.
const PREFIX: &str = "reg_";
/// Length of a key after the prefix: 32 bytes in Base64.
const KEY_LENGTH: usize = 43;
/// Number of characters of a key that are stored, by which its holder recognizes it.
const SHOWN: usize = 8;

/// A newly created key: shown once, never stored.
pub struct NewKey {
    /// The key itself.
    pub key: String,
}

/// What is stored of a key.
pub(super) struct StoredKey {
    pub(super) hash: Box<str>,
    pub(super) prefix: Box<str>,
}

impl NewKey {
    /// A random key.
    pub(super) fn generate() -> Result<Self> {
        let mut secret = [0; 32];
        OsRng.try_fill_bytes(&mut secret)?;
        Ok(Self { key: format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret)) })
    }

    /// What is stored of the key.
    pub(super) fn stored(&self) -> StoredKey {
        StoredKey { hash: hash(&self.key).into(), prefix: self.key[..SHOWN].into() }
    }
}

/// Whether a text has the form of a key.
pub fn is_key(text: &str) -> bool {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.strip_prefix(PREFIX).is_some_and(|key| key.len() == KEY_LENGTH && key.bytes().all(is_of_key))
}

/// Hash of a key, as it is stored.
pub(super) fn hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_random_and_only_its_beginning_and_its_hash_are_stored() {
        let (one, other) = (NewKey::generate().expect("a key"), NewKey::generate().expect("a key"));
        assert!(is_key(&one.key) && one.key != other.key);
        let stored = one.stored();
        assert!(one.key.starts_with(&*stored.prefix) && stored.prefix.len() == 8);
        assert_eq!((stored.hash.len(), &*stored.hash), (64, hash(&one.key).as_str()));
    }
}
