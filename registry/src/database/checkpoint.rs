//! SQLite's write-ahead log at the end of a command.

use anyhow::Result;
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use super::{backup::sqlite_file, connect::sqlite_options, file::FileId};

/// The file of SQLite that a command finds when it begins.
#[derive(Clone, Copy, Debug)]
pub struct Begun(Option<FileId>);

impl Begun {
    /// The file that an address names now, if it names any.
    pub fn with(url: &str) -> Self {
        Self(FileId::of(url))
    }

    /// Moves what the write-ahead log of a SQLite database holds into the file itself: once nobody uses it, the file alone is
    /// the whole registry. Waits for nobody; what other processes still need stays in the log. Does nothing to a file that
    /// took the place of the one that was there: the log beside it may be of that one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn checkpoint(self, url: &str) -> Result<()> {
        let is_there = |suffix| {
            let mut name = sqlite_file(url).into_os_string();
            name.push(suffix);
            std::path::PathBuf::from(name).exists()
        };
        let is_replaced = self.0.is_some() && FileId::of(url) != self.0;
        if !url.starts_with("sqlite:") || is_replaced || !is_there("") || !is_there("-wal") {
            return Ok(());
        }
        let database = SeaOrm::connect(sqlite_options(url, 1)).await?;
        database.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await?;
        Ok(database.close().await?)
    }
}
