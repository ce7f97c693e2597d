//! The only place where transactions begin.
//!
//! A `BEGIN` whose future is dropped before it completes leaves its Postgres connection inside a transaction
//! that the pool does not know of (sqlx 0.9). So transactions must not run in a future that a client's
//! disconnect or a timeout can drop: callers wrap the whole transaction in [`detached`].

use anyhow::Result;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::Database;
use crate::worker_pool;

/// Advisory lock key: writers of one Postgres database are serialized, so that the order of the log is the
/// order of commits.
const WRITE_LOCK_KEY: i64 = 0x7265_6769_7772;

/// Runs `work` on the worker pool, to its end even if the caller is cancelled.
///
/// # Errors
/// Those of `work`; a panic of `work` is returned as an error.
pub async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    worker_pool::spawn(work).await?
}

/// Begins the exclusive write transaction. Must be called inside [`detached`].
///
/// # Errors
/// When the database does not answer, or another writer holds the lock for too long.
pub async fn begin_write(database: &Database) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    database.check_in_place()?;
    let transaction = database.write.begin_with_options(options).await?;
    match transaction.get_database_backend() {
        DbBackend::Postgres => {
            let lock = format!("SELECT pg_advisory_xact_lock({WRITE_LOCK_KEY})");
            transaction.execute_unprepared(&lock).await?;
        }
        _ => {
            transaction.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
        }
    }
    Ok(transaction)
}

/// Begins a read transaction with one consistent state. Must be called inside [`detached`].
///
/// # Errors
/// When the database does not answer.
pub async fn begin_read(database: &Database) -> Result<DatabaseTransaction, DbErr> {
    match database.backend() {
        DbBackend::Postgres => {
            let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
            let transaction = database.read.begin_with_config(Some(isolation), Some(access)).await?;
            // Full tables are read here.
            transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            Ok(transaction)
        }
        _ => database.read.begin().await,
    }
}
