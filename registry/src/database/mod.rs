//! Connections to the database: one way in for SQLite and for Postgres.

pub(crate) mod arrays;
mod backup;
pub(crate) mod bulk;
mod checkpoint;
mod connect;
mod failure;
mod file;
mod migrate;
mod part;
mod transaction;
mod unreadable;

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbBackend};

use file::OpenFile;

pub use backup::{Saved, holds_registry, restore_postgres, save, sqlite_file, sqlite_url};
pub use checkpoint::Begun;
pub use connect::connect;
pub use failure::{NoAnswer, is_unavailable};
pub use migrate::{migrate, require_current};
pub use part::Part;
pub use transaction::{begin_read, begin_write, detached};
pub use unreadable::unreadable;

/// Reads and writes have pools of their own: SQLite has one writer, and a slow read never starves a write. So have those
/// who follow the log and those who make files: no reader keeps them waiting, nor they a reader.
#[derive(Clone, Debug)]
pub struct Database {
    /// Pool for reads.
    pub read: DatabaseConnection,
    write: DatabaseConnection,
    /// Pool of whoever follows the log.
    pub follow: DatabaseConnection,
    /// Pool for files.
    pub export: DatabaseConnection,
    /// The file of SQLite that was opened.
    file: Option<Arc<OpenFile>>,
    /// Address of the database, for what cannot go through a pool (LISTEN).
    pub url: String,
}

impl Database {
    /// Checks that the database is still where it was: a file of SQLite may be replaced while it is in use.
    ///
    /// # Errors
    /// When it is not.
    pub fn check_in_place(&self) -> Result<(), sea_orm::DbErr> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// Which kind of database this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Closes the pools once their statements have ended.
    pub async fn close(self) -> Result<(), sea_orm::DbErr> {
        self.write.close().await?;
        self.follow.close().await?;
        self.export.close().await?;
        self.read.close().await
    }
}
