//! Stream of daily rows, read in windows: between two windows no database connection is held, however slow the
//! reader is.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::Model;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use tokio::sync::mpsc;

use super::read::columns;
use crate::{
    database::Database,
    worker_pool::{self, Meter},
};

/// Rows per window.
const WINDOW: usize = 5_000;
/// Maximum duration of a stream: slow readers are disconnected earlier.
const MAX_TIME: Duration = Duration::from_secs(86_400);

/// Selection of daily rows by day and platform.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// First and last day, both included.
    pub days: (NaiveDate, NaiveDate),
    /// The platform; `None` for all.
    pub platform_id: Option<i64>,
}

/// Reads the daily rows of these days by day and page, and sends them window by window, at the receiver's pace, until
/// the receiver is dropped. When the database does not answer, the last item is the error. `meter` counts the
/// processor time; `held` is dropped when reading ends.
pub fn stream(
    database: &Database,
    wanted: Wanted,
    meter: Meter,
    held: impl Send + 'static,
) -> mpsc::Receiver<Result<Vec<Model>>> {
    let (parts, received) = mpsc::channel(1);
    let database = database.clone();
    let reading = async move {
        let _held = held;
        if let Err(error) = send(&database, wanted, &parts).await {
            // Fails only if the receiver was dropped.
            let _ = parts.send(Err(error)).await;
        }
    };
    worker_pool::spawn(async move { meter.count(Instant::now() + MAX_TIME, reading).await });
    received
}

async fn send(database: &Database, wanted: Wanted, parts: &mpsc::Sender<Result<Vec<Model>>>) -> Result<()> {
    for day in days_with_rows(database, wanted).await? {
        let mut after = 0;
        loop {
            if parts.is_closed() {
                return Ok(());
            }
            let sql = window(database, day, wanted.platform_id, after);
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

/// Days that have daily rows, according to the sums. To query an empty day takes as long as to read a full one.
async fn days_with_rows(database: &Database, wanted: Wanted) -> Result<Vec<NaiveDate>> {
    let Wanted { days: (from, to), platform_id } = wanted;
    let of_platform = platform_id.map_or_else(String::new, |id| format!(" AND platform_id = {id}"));
    let sql = format!(
        "SELECT DISTINCT day FROM audience_rollup WHERE day BETWEEN '{from}' AND '{to}' AND segment_id IN \
         (SELECT id FROM audience_segment WHERE grain = 'PLATFORM'{of_platform}) ORDER BY day"
    );
    let rows = database.export.query_all_raw(Statement::from_string(database.backend(), sql)).await?;
    rows.into_iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Query of a window: daily rows of a day, of pages after `after`.
fn window(database: &Database, day: NaiveDate, platform_id: Option<i64>, after: i64) -> String {
    let platform = |column: &str| platform_id.map_or_else(String::new, |id| format!(" AND {column} = {id}"));
    let columns = columns();
    match database.backend() {
        // Postgres stores daily rows by day, SQLite by page.
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
