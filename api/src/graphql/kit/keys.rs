//! Lists of keys in an argument, of which each is looked up.

use crate::graphql::error::{Error, Result};

/// Maximum number of keys in one list, for every client.
pub const MAX_KEYS: usize = 100;

/// Checks the number of keys.
///
/// # Errors
/// If it is not from 1 to 100.
pub fn check_keys<Key>(argument: &str, keys: &[Key]) -> Result<()> {
    if (1..=MAX_KEYS).contains(&keys.len()) {
        return Ok(());
    }
    Err(Error::BadInput(format!("`{argument}` must hold from 1 to {MAX_KEYS} values.")))
}
