//! All facts of many days, one after the other, in windows: between two of them no connection is held, however slow the
//! reader is.

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::Model;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use tokio::sync::mpsc;

use super::read::columns;
use crate::{database::Database, workers};

/// Facts that are read and handed over at once.
const WINDOW: usize = 5_000;

/// Reads the facts of these days, by day and page, and hands them over part by part: no more is read than the receiver
/// takes, and no more at all when it goes away. When the database does not answer, the last part is the error.
pub fn stream(
    database: &Database,
    days: (NaiveDate, NaiveDate),
    platform_id: Option<i64>,
) -> mpsc::Receiver<Result<Vec<Model>>> {
    let (parts, received) = mpsc::channel(1);
    let database = database.clone();
    workers::spawn(async move {
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
    for day in from.iter_days().take_while(|day| *day <= to) {
        let mut after = 0;
        loop {
            let sql = window(database, day, platform_id, after);
            let statement = Statement::from_string(database.backend(), sql);
            let rows = Model::find_by_statement(statement).all(&database.export).await?;
            let (is_last, last) = (rows.len() < WINDOW, rows.last().map(|row| row.page_id));
            if !rows.is_empty() && parts.send(Ok(rows)).await.is_err() {
                return Ok(());
            }
            match last {
                Some(last) if !is_last => after = last,
                _ => break,
            }
        }
    }
    Ok(())
}

/// Facts of a day, of pages behind one.
fn window(database: &Database, day: NaiveDate, platform_id: Option<i64>, after: i64) -> String {
    let platform = |column: &str| platform_id.map_or_else(String::new, |id| format!(" AND {column} = {id}"));
    let columns = columns();
    match database.backend() {
        // Facts of Postgres lie in the order of days, those of SQLite in the order of pages.
        DbBackend::Postgres => format!(
            "SELECT {columns} FROM page_statistics f JOIN audience_segment s ON s.id = f.segment_id \
             WHERE f.day = '{day}' AND f.page_id > {after}{} ORDER BY f.page_id LIMIT {WINDOW}",
            platform("s.platform_id")
        ),
        _ => format!(
            "SELECT {columns} FROM page p CROSS JOIN page_statistics f ON f.page_id = p.id AND f.day = '{day}' \
             WHERE p.id > {after}{} ORDER BY p.id LIMIT {WINDOW}",
            platform("p.platform_id")
        ),
    }
}
