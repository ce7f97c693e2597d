//! All facts of many days, one after the other, in windows: between two of them no connection is held, however slow the
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

/// Facts that are read and handed over at once.
const WINDOW: usize = 5_000;
/// Longest that a file is taken: a reader that is slower is cut off before.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Facts that are wanted: of which days, the last one included, and of which platform.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// The platform; none for all.
    pub platform_id: Option<i64>,
}

/// Reads the facts of these days, by day and page, and hands them over part by part: no more is read than the receiver
/// takes, and no more at all when it goes away. When the database does not answer, the last part is the error. The meter counts
/// what that takes, and what is `held` is dropped when nothing is read any more.
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
            // Nobody is left to be told when the receiver is gone.
            let _ = parts.send(Err(error)).await;
        }
    };
    worker_pool::spawn(async move { meter.count(Instant::now() + LONGEST, reading).await });
    received
}

async fn send(database: &Database, wanted: Wanted, parts: &mpsc::Sender<Result<Vec<Model>>>) -> Result<()> {
    for day in days_with_facts(database, wanted).await? {
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

/// Days that there are any facts of: the sums tell. To find that a day has none takes as long as reading one that has some.
async fn days_with_facts(database: &Database, wanted: Wanted) -> Result<Vec<NaiveDate>> {
    let Wanted { days: (from, to), platform_id } = wanted;
    let of_platform = platform_id.map_or_else(String::new, |id| format!(" AND platform_id = {id}"));
    let sql = format!(
        "SELECT DISTINCT day FROM audience_rollup WHERE day BETWEEN '{from}' AND '{to}' AND segment_id IN \
         (SELECT id FROM audience_segment WHERE grain = 'PLATFORM'{of_platform}) ORDER BY day"
    );
    let rows = database.export.query_all_raw(Statement::from_string(database.backend(), sql)).await?;
    rows.into_iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
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
