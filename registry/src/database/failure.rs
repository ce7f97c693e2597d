//! Which failures are the database's, and pass: it is away, restarting, full or overloaded.

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{Error as SqlxError, error::DatabaseError},
};

use super::file::FileReplaced;

/// The database did not answer in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database did not answer in time")]
pub struct NoAnswer;

/// Classes of errors of Postgres: connection exception, transaction rollback, insufficient resources, operator
/// intervention, system error (PostgreSQL, appendix A). What a request asks for is at fault for none of them; a statement that
/// took too long may be quicker later.
const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
/// A write to a server that is read only, a standby; a transaction that idled or lasted too long; a lock that was not to be
/// had; a database that takes no connections just now.
const CODES: [&str; 5] = ["25006", "25P03", "25P04", "55P03", "55000"];
/// Letters of a code of Postgres.
const CODE: usize = 5;
/// Result codes of SQLite: busy, locked, read only, no memory, input or output failed, full, cannot open
/// (sqlite.org/rescode.html).
const RESULTS: [i32; 7] = [5, 6, 8, 7, 10, 13, 14];

/// Whether an error says that the database is not to be had just now.
pub fn is_unavailable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_library = cause.downcast_ref::<DbErr>().is_some_and(|error| match error {
            DbErr::ConnectionAcquire(_) => true,
            DbErr::Custom(text) => *text == FileReplaced.to_string(),
            DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => is_of_runtime(error),
            _ => false,
        });
        of_library || cause.is::<NoAnswer>() || cause.downcast_ref::<SqlxError>().is_some_and(is_of_driver)
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
    // Extended codes have the plain one in their lowest byte.
    let of_sqlite = code.parse::<i32>().is_ok_and(|code| code < 10_000 && RESULTS.contains(&(code & 0xff)));
    of_postgres || of_sqlite
}
