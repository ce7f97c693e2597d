//! The database's clock, on which all servers agree.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// Current time of the database; SQLite has no clock but that of the machine.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn now(db: &impl ConnectionTrait) -> Result<DateTime<Utc>> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Utc::now());
    }
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
    let row = db.query_one_raw(statement).await?.context("the database returned no time")?;
    Ok(row.try_get("", "now")?)
}
