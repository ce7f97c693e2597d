//! All facts of many days, one after the other, out of one state of the database.

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::Model;
use futures_util::TryStreamExt;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use tokio::sync::mpsc;

use crate::database::{Database, begin_read};

/// Facts that are handed over at once.
const PART: usize = 2_000;

/// Reads the facts of these days, by day and page, and hands them over part by part: no more is read than the receiver
/// takes, and no more at all when it goes away. When the database does not answer, the last part is the error.
pub fn stream(
    database: &Database,
    days: (NaiveDate, NaiveDate),
    platform_id: Option<i64>,
) -> mpsc::Receiver<Result<Vec<Model>>> {
    let (parts, received) = mpsc::channel(2);
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(error) = send(&database, days, platform_id, &parts).await {
            // Nobody is left to be told when the receiver is gone.
            let _ = parts.send(Err(error)).await;
        }
    });
    received
}

async fn send(
    database: &Database,
    (from, to): (NaiveDate, NaiveDate),
    platform_id: Option<i64>,
    parts: &mpsc::Sender<Result<Vec<Model>>>,
) -> Result<()> {
    let transaction = begin_read(database).await?;
    for day in from.iter_days().take_while(|day| *day <= to) {
        let statement = Statement::from_string(database.backend(), of_day(database, day, platform_id));
        let mut rows = Model::find_by_statement(statement).stream(&transaction).await?;
        let mut part = Vec::with_capacity(PART);
        while let Some(row) = rows.try_next().await? {
            part.push(row);
            if part.len() == PART && parts.send(Ok(std::mem::take(&mut part))).await.is_err() {
                return Ok(());
            }
        }
        if !part.is_empty() && parts.send(Ok(part)).await.is_err() {
            return Ok(());
        }
    }
    Ok(transaction.commit().await?)
}

fn of_day(database: &Database, day: NaiveDate, platform_id: Option<i64>) -> String {
    let platform = |column: &str| platform_id.map_or_else(String::new, |id| format!(" AND {column} = {id}"));
    match database.backend() {
        // Facts of Postgres lie in the order of days, those of SQLite in the order of pages.
        DbBackend::Postgres => format!(
            "SELECT f.* FROM page_statistics f JOIN audience_segment s ON s.id = f.segment_id \
             WHERE f.day = '{day}'{} ORDER BY f.page_id",
            platform("s.platform_id")
        ),
        _ => format!(
            "SELECT f.* FROM page p CROSS JOIN page_statistics f ON f.page_id = p.id AND f.day = '{day}' \
             WHERE TRUE{} ORDER BY p.id",
            platform("p.platform_id")
        ),
    }
}
