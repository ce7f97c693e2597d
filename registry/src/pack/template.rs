//! Template for a new pack.

use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};

use super::built_in;

/// Pack of a fictional country, with comments.
const TEMPLATE: &str = include_str!("template.toml");
/// Longest code of a pack, in bytes.
const MAX_CODE: usize = 20;

/// Text of a new pack with this code.
pub fn template(code: &str) -> String {
    TEMPLATE.replace("XX", &code.to_uppercase()).replace("xx", code)
}

/// Writes a new pack into the working directory; never overwrites a file.
///
/// # Errors
/// When the code is invalid or taken, or the file exists or cannot be written.
pub fn new(code: &str) -> Result<PathBuf> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = code.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !code.chars().all(is_plain) || code.len() > MAX_CODE {
        bail!("`{code}` is not a valid pack code: use `a` to `z`, digits and hyphens, such as `no`.");
    }
    if built_in().any(|known| known == code) {
        bail!("`{code}` is the code of a built-in pack; use another code.");
    }
    let path = PathBuf::from(format!("{code}.toml"));
    let mut file = match std::fs::File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} already exists and was not changed.", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(template(code).as_bytes())?;
    Ok(path)
}
