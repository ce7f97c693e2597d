//! Documents that are named by the SHA-256 of their text: those that the operator lists, and those that a client sent once.

use std::{collections::HashMap, path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::error_code::ErrorCode;

/// Memory for documents that clients sent, in bytes.
const MEMORY: u64 = 16 << 20;
/// How an identifier that names its algorithm begins.
const PREFIX: &str = "sha256:";

/// SHA-256 of a document's text.
pub type Hash = [u8; 32];

/// Documents by their hashes.
pub struct Persisted {
    listed: HashMap<Hash, Arc<str>>,
    sent: Cache<Hash, Arc<str>>,
    only_listed: bool,
}

/// Why a document is not to be had, or not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Unknown {
    #[error("PersistedQueryNotFound")]
    NotSent,
    #[error("There is no document with this `documentId`.")]
    NotFound,
    #[error("`sha256Hash` is not the SHA-256 of `query`.")]
    Mismatch,
    #[error("Only listed documents are answered here.")]
    NotListed,
}

impl Unknown {
    /// Stable code of the reason.
    pub fn code(self) -> ErrorCode {
        match self {
            // The name and the text are those that clients of Apollo look for, to send the document after all.
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
    /// Listed documents, and whether no others are answered.
    pub fn new(listed: HashMap<Hash, Arc<str>>, only_listed: bool) -> Self {
        let weigh = |_: &Hash, text: &Arc<str>| u32::try_from(text.len() + 64).unwrap_or(u32::MAX);
        Self { listed, sent: Cache::builder().weigher(weigh).max_capacity(MEMORY).build(), only_listed }
    }

    /// The document with this identifier: its hash in hexadecimal, with or without `sha256:` before it.
    ///
    /// # Errors
    /// When there is none.
    pub fn by_id(&self, id: &str) -> Result<Arc<str>, Unknown> {
        let hash = read_hash(id.strip_prefix(PREFIX).unwrap_or(id)).ok_or(Unknown::NotFound)?;
        self.find(&hash).ok_or(Unknown::NotFound)
    }

    /// The document that a client names by its hash, or sends together with it to name it from then on.
    ///
    /// # Errors
    /// When it is not known, or the hash is not that of the text.
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

    /// The document with this text.
    ///
    /// # Errors
    /// When it is not listed, and no others are answered.
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

/// Reads a list of documents: a JSON object of texts by identifier, as generators of clients write it.
///
/// # Errors
/// When the file cannot be read, or an identifier is not the hash of its text.
pub fn read_list(path: &Path) -> Result<HashMap<Hash, Arc<str>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let texts: HashMap<String, String> = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON object of texts by identifier", path.display()))?;
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
