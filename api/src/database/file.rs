//! Whether the file of a SQLite database is still the one that was opened.

use std::{fs, os::unix::fs::MetadataExt};

use sea_orm::DbErr;

use super::backup::sqlite_file;

/// A file by what the system knows it by, whatever its name leads to later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

/// The database's file was put away while it was in use: what is written to the open one is lost with it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the database's file was replaced or removed while it was in use; nothing is written until the server is started again"
)]
pub struct FileReplaced;

impl FileId {
    /// The file that an address names now; none of Postgres, or where there is none.
    pub(super) fn of(url: &str) -> Option<Self> {
        let metadata = fs::metadata(url.starts_with("sqlite:").then(|| sqlite_file(url))?).ok()?;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    /// Checks that an address still names the file.
    ///
    /// # Errors
    /// When it names another one, or none.
    pub(super) fn check(known: Option<Self>, url: &str) -> Result<(), DbErr> {
        match known {
            Some(known) if Self::of(url) != Some(known) => Err(DbErr::Custom(FileReplaced.to_string())),
            _ => Ok(()),
        }
    }
}
