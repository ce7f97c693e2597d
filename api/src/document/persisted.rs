//! Persisted documents, identified by the SHA-256 of their text: listed by the operator, or registered by clients (automatic
//! persisted queries).

use std::{collections::HashMap, path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::error_code::ErrorCode;

/// Memory for documents registered by clients, in bytes.
const MEMORY: u64 = 16 << 20;
/// Optional prefix of identifiers.
const PREFIX: &str = "sha256:";

/// SHA-256 of a document's text.
pub type Hash = [u8; 32];

/// Persisted documents by hash.
pub struct Persisted {
    listed: HashMap<Hash, Arc<str>>,
    sent: Cache<Hash, Arc<str>>,
    only_listed: bool,
}

/// Why a document is not found or not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Unknown {
    #[error("PersistedQueryNotFound")]
    NotSent,
    #[error("There is no document with this `documentId`.")]
    NotFound,
    #[error("`sha256Hash` is not the SHA-256 of `query`.")]
    Mismatch,
    #[error("Only listed documents are executed.")]
    NotListed,
}

impl Unknown {
    /// Stable error code.
    pub fn code(self) -> ErrorCode {
        match self {
            // Apollo clients recognise this code and message, and then send the text of the document.
            Self::NotSent => ErrorCode::PersistedQueryNotFound,
            Self::NotFound => ErrorCode::DocumentNotFound,
            Self::Mismatch => ErrorCode::PersistedQueryHashMismatch,
            Self::NotListed => ErrorCode::DocumentNotListed,
        }
    }
}

impl Default for Persisted {
    fn default() -> Self {
        Self::new(HashMap::new(), false)
    }
}

impl Persisted {
    /// A store with these listed documents; `only_listed` rejects all others.
    pub fn new(listed: HashMap<Hash, Arc<str>>, only_listed: bool) -> Self {
        let weigh = |_: &Hash, text: &Arc<str>| u32::try_from(text.len() + 64).unwrap_or(u32::MAX);
        Self { listed, sent: Cache::builder().weigher(weigh).max_capacity(MEMORY).build(), only_listed }
    }

    /// The document with this identifier: its hash in hexadecimal, optionally prefixed with `sha256:`.
    ///
    /// # Errors
    /// When there is none.
    pub fn by_id(&self, id: &str) -> Result<Arc<str>, Unknown> {
        let hash = read_hash(id.strip_prefix(PREFIX).unwrap_or(id)).ok_or(Unknown::NotFound)?;
        self.find(&hash).ok_or(Unknown::NotFound)
    }

    /// The document with this hash. If the text is sent with it, the document is registered under the hash.
    ///
    /// # Errors
    /// When it is unknown or not listed, or the hash does not match the text.
    pub fn by_hash(&self, hash: &str, text: Option<String>) -> Result<Arc<str>, Unknown> {
        let hash = read_hash(hash).ok_or(Unknown::Mismatch)?;
        let Some(text) = text else { return self.find(&hash).ok_or(Unknown::NotSent) };
        if hash_of(&text) != hash {
            return Err(Unknown::Mismatch);
        }
        let text = self.by_text(text)?;
        if !self.listed.contains_key(&hash) {
            self.sent.insert(hash, text.clone());
        }
        Ok(text)
    }

    /// Checks that a document with this text is allowed, and returns it.
    ///
    /// # Errors
    /// When only listed documents are allowed and it is not listed.
    pub fn by_text(&self, text: String) -> Result<Arc<str>, Unknown> {
        if self.only_listed && !self.listed.contains_key(&hash_of(&text)) {
            return Err(Unknown::NotListed);
        }
        Ok(text.into())
    }

    fn find(&self, hash: &Hash) -> Option<Arc<str>> {
        self.listed.get(hash).cloned().or_else(|| self.sent.get(hash))
    }
}

/// Reads a manifest of documents: a JSON object of texts by identifier, as client code generators write it.
///
/// # Errors
/// When the file cannot be read, or an identifier is not the hash of its text.
pub fn read_list(path: &Path) -> Result<HashMap<Hash, Arc<str>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let texts: HashMap<String, String> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a JSON object of documents by identifier", path.display()))?;
    let mut listed = HashMap::new();
    for (id, text) in texts {
        let hash = hash_of(&text);
        if read_hash(id.strip_prefix(PREFIX).unwrap_or(&id)) != Some(hash) {
            bail!("{}: `{id}` is not the SHA-256 of its document in hexadecimal", path.display());
        }
        listed.insert(hash, text.into());
    }
    Ok(listed)
}

fn hash_of(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

fn read_hash(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}
