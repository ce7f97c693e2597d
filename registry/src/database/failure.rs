//! Which errors are transient failures of the database: it is unreachable, restarting, full or overloaded.

use std::{fmt, sync::Arc};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{Error as SqlxError, error::DatabaseError},
};

use super::file::FileReplaced;

/// The database did not answer in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database did not answer in time")]
pub struct DatabaseTimeout;

/// Postgres error classes: connection exception, transaction rollback, insufficient resources, operator
/// intervention, system error (PostgreSQL, appendix A). None of them is caused by the request; a statement
/// that timed out may be faster later.
const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
/// Write to a read-only server (a standby); transaction that idled or lasted too long; lock not available;
/// database not accepting connections.
const CODES: [&str; 5] = ["25006", "25P03", "25P04", "55P03", "55000"];
/// Length of a Postgres error code.
const CODE: usize = 5;
/// SQLite result codes: busy, locked, read only, out of memory, I/O error, full, cannot open
/// (sqlite.org/rescode.html).
const RESULTS: [i32; 7] = [5, 6, 8, 7, 10, 13, 14];

/// Whether an error means that the database is temporarily unavailable.
pub fn is_unavailable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_library = cause.downcast_ref::<DbErr>().is_some_and(|error| match error {
            DbErr::ConnectionAcquire(_) => true,
            DbErr::Custom(text) => *text == FileReplaced.to_string(),
            DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => is_of_runtime(error),
            _ => false,
        });
        of_library
            || cause.is::<DatabaseTimeout>()
            || cause.downcast_ref::<SqlxError>().is_some_and(is_of_driver)
    })
}

fn is_of_runtime(error: &RuntimeErr) -> bool {
    match error {
        RuntimeErr::SqlxError(error) => is_of_driver(error),
        RuntimeErr::Internal(_) => false,
    }
}

fn is_of_driver(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_) | SqlxError::PoolTimedOut => true,
        SqlxError::PoolClosed | SqlxError::WorkerCrashed => true,
        SqlxError::Database(error) => is_of_database(&**error),
        _ => false,
    }
}

fn is_of_database(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else { return false };
    let of_postgres = code.len() == CODE
        && (CODES.contains(&&*code) || CLASSES.iter().any(|class| code.starts_with(class)));
    // The lowest byte of an extended code is its primary code.
    let of_sqlite = code.parse::<i32>().is_ok_and(|code| code < 10_000 && RESULTS.contains(&(code & 0xff)));
    of_postgres || of_sqlite
}

/// An error shared by several waiters; it displays its cause.
#[derive(Debug)]
pub(crate) struct SharedError(pub(crate) Arc<anyhow::Error>);

impl fmt::Display for SharedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for SharedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some((*self.0).as_ref())
    }
}
