//! Monthly partitions of `page_statistics` on Postgres, created before they are needed.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{Datelike, Months, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::{
    calendar,
    database::{Database, begin_write, detached},
};

/// Number of months after the current one whose partitions are created.
const AHEAD: u32 = 2;

/// Creates the partitions of the current month and of the next ones.
///
/// # Errors
/// When the database does not answer.
pub async fn make_ahead(database: &Database) -> Result<()> {
    if database.backend() != DbBackend::Postgres {
        return Ok(());
    }
    let database = database.clone();
    detached(async move {
        let transaction = begin_write(&database).await?;
        let last = calendar::last_day_begun(Utc::now());
        ensure(&transaction, (0..=AHEAD).map(|ahead| last + Months::new(ahead))).await?;
        Ok(transaction.commit().await?)
    })
    .await
}

/// Creates missing partitions of these days.
pub(super) async fn ensure(
    db: &DatabaseTransaction,
    days: impl IntoIterator<Item = NaiveDate>,
) -> Result<()> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let months: BTreeSet<NaiveDate> = days.into_iter().map(first_of_month).collect();
    for first in months {
        let name = format!("page_statistics_{}_{:02}", first.year(), first.month());
        let known =
            Statement::from_string(DbBackend::Postgres, format!("SELECT to_regclass('{name}')::text"));
        let known: Option<String> = match db.query_one_raw(known).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        };
        if known.is_none() {
            let next = first + Months::new(1);
            let make = format!(
                "CREATE TABLE {name} PARTITION OF page_statistics FOR VALUES FROM ('{first}') TO ('{next}')"
            );
            db.execute_unprepared(&make).await?;
        }
    }
    Ok(())
}

/// First day of the month of a day.
pub(super) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}
