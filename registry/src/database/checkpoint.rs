//! Checkpoint of SQLite's write-ahead log at the end of a command.

use anyhow::Result;
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use super::{backup::sqlite_file, connect::sqlite_options, file::FileId};

/// Identity of the SQLite file when a command starts.
#[derive(Clone, Copy, Debug)]
pub struct OpenedFile(Option<FileId>);

impl OpenedFile {
    /// Identity of the file that `url` names at present, if any.
    pub fn with(url: &str) -> Self {
        Self(FileId::of(url))
    }

    /// Moves the contents of SQLite's write-ahead log into the database file, so that the file alone is the
    /// whole registry once no process uses it. Does not wait; what other processes still need stays in the
    /// log. Does nothing when the file was replaced: the log beside it may belong to the earlier file.
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
