//! SQLite's write-ahead log at the end of a command.

use anyhow::Result;
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use super::{backup::sqlite_file, connect::sqlite_options};

/// Moves what the write-ahead log of a SQLite database holds into the file itself: once nobody uses it, the file alone is
/// the whole registry. Waits for nobody; what other processes still need stays in the log.
///
/// # Errors
/// When the file cannot be written.
pub async fn checkpoint(url: &str) -> Result<()> {
    let is_there = |suffix| {
        let mut name = sqlite_file(url).into_os_string();
        name.push(suffix);
        std::path::PathBuf::from(name).exists()
    };
    if !url.starts_with("sqlite:") || !is_there("") || !is_there("-wal") {
        return Ok(());
    }
    let database = SeaOrm::connect(sqlite_options(url, 1)).await?;
    database.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await?;
    Ok(database.close().await?)
}
