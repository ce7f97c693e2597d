//! Permanent ids of pages on their platforms, as people write them.

use super::{AddressBook, Key};

/// Longest native id, in bytes.
const MAX_NATIVE_ID: usize = 128;

impl AddressBook {
    /// Normalises a native id; `None` if it cannot be one. If the platform has addresses by id, the id must give a
    /// valid one.
    pub fn native_id(&self, platform_id: i64, id: &str) -> Option<Box<str>> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:@".contains(c);
        let is_something = id.chars().any(|c| c.is_ascii_alphanumeric() && c != '0');
        if id.len() > MAX_NATIVE_ID || !id.chars().all(is_plain) || !is_something {
            return None;
        }
        let Some(url) = self.platform(platform_id)?.canonical_url(Some(id), None) else {
            return Some(id.into());
        };
        match self.resolve(&url).ok()?.key {
            Key::NativeId(id) => Some(id),
            Key::Handle(_) => None,
        }
    }
}
