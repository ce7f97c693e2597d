//! A new pack to begin with.

use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};

use super::built_in;

/// A pack of an imagined country, with comments.
const TEMPLATE: &str = include_str!("template.toml");
/// Longest code of a pack.
const MAX_CODE: usize = 20;

/// Text of a new pack.
pub fn template(code: &str) -> String {
    TEMPLATE.replace("XX", &code.to_uppercase()).replace("xx", code)
}

/// Writes a new pack into the working directory; a file that is there stays.
///
/// # Errors
/// When the code is none, or taken, or the file is there or cannot be written.
pub fn new(code: &str) -> Result<PathBuf> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = code.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !code.chars().all(is_plain) || code.len() > MAX_CODE {
        bail!("`{code}` is no code of a pack: small Latin letters, digits and hyphens, such as `no`.");
    }
    if built_in().any(|known| known == code) {
        bail!("the pack `{code}` comes with the program; take another code.");
    }
    let path = PathBuf::from(format!("{code}.toml"));
    let mut file = match std::fs::File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already, and stays as it is.", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(template(code).as_bytes())?;
    Ok(path)
}
