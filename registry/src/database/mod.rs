//! Database connections: one interface for SQLite and Postgres.

pub(crate) mod arrays;
mod backup;
pub(crate) mod bulk;
mod checkpoint;
mod clock;
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
pub use checkpoint::OpenedFile;
pub(crate) use clock::now;
pub use connect::connect;
pub(crate) use failure::SharedError;
pub use failure::{DatabaseTimeout, is_unavailable};
pub use migrate::{migrate, require_current};
pub use part::PartialFile;
pub use transaction::{begin_read, begin_write, detached};
pub use unreadable::unreadable;

/// Separate pools for reads, writes, following the log and exports: SQLite has one writer, and no purpose can
/// starve another one.
#[derive(Clone, Debug)]
pub struct Database {
    /// Pool for reads.
    pub read: DatabaseConnection,
    write: DatabaseConnection,
    /// Pool for following the change log.
    pub follow: DatabaseConnection,
    /// Pool for exports.
    pub export: DatabaseConnection,
    /// The open file of a SQLite database.
    file: Option<Arc<OpenFile>>,
    /// URL of the database, for what cannot use a pool (LISTEN).
    pub url: String,
}

impl Database {
    /// Checks that the database file was not replaced or removed while it was open (SQLite).
    ///
    /// # Errors
    /// When it was.
    pub fn check_in_place(&self) -> Result<(), sea_orm::DbErr> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// Pool for single statements that write what is not in the change log, and so need no write lock: on SQLite that of
    /// writes, since there is one writer.
    pub(crate) fn unlogged(&self) -> &DatabaseConnection {
        if self.backend() == DbBackend::Postgres { &self.read } else { &self.write }
    }

    /// Kind of the database.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Closes the pools after their statements have finished.
    pub async fn close(self) -> Result<(), sea_orm::DbErr> {
        self.write.close().await?;
        self.follow.close().await?;
        self.export.close().await?;
        self.read.close().await
    }
}
