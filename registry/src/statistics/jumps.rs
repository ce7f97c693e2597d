//! Jumps in numbers of subscribers (anomalies), for review.

use anyhow::Result;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::validation::COMPARED_DAYS;
use crate::database::Database;

/// A day on which a page's subscribers jumped.
#[derive(Clone, Debug, FromQueryResult)]
#[allow(missing_docs)]
pub struct Jump {
    pub page_id: i64,
    pub day: NaiveDate,
    pub subscribers: i32,
    /// The number that it was compared with; `None` if that has no daily row.
    pub before: Option<i32>,
}

/// Selection of jumps.
#[derive(Clone, Copy, Debug)]
pub struct JumpsOf {
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Platform of the pages; `None` for all.
    pub platform_id: Option<i64>,
}

impl JumpsOf {
    fn condition(&self) -> String {
        let (from, to) = self.days;
        let platform = self.platform_id.map_or_else(String::new, |id| {
            format!(" AND f.segment_id IN (SELECT id FROM audience_segment WHERE platform_id = {id})")
        });
        format!("f.is_jump AND f.day BETWEEN '{from}' AND '{to}'{platform}")
    }
}

/// Jumps except those of the pages `but`, by day descending, then page id, after `after`; at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn jumps(
    database: &Database,
    of: JumpsOf,
    but: &[i64],
    after: Option<(NaiveDate, i64)>,
    most: usize,
) -> Result<Vec<Jump>> {
    let after = after.map_or_else(String::new, |(day, page_id)| {
        format!(" AND (f.day < '{day}' OR f.day = '{day}' AND f.page_id > {page_id})")
    });
    let but = match but {
        [] => String::new(),
        but => {
            let ids: Vec<String> = but.iter().map(i64::to_string).collect();
            format!(" AND f.page_id NOT IN ({})", ids.join(", "))
        }
    };
    let sql = format!(
        "SELECT f.page_id, f.day, f.subscribers, \
         (SELECT b.subscribers FROM page_statistics b WHERE b.page_id = f.page_id AND b.day < f.day \
          AND b.day >= {earliest} AND b.subscribers IS NOT NULL ORDER BY b.day DESC LIMIT 1) AS before \
         FROM page_statistics f WHERE {}{but}{after} ORDER BY f.day DESC, f.page_id LIMIT {most}",
        of.condition(),
        earliest = match database.backend() {
            sea_orm::DbBackend::Postgres => format!("f.day - {COMPARED_DAYS}"),
            _ => format!("date(f.day, '-{COMPARED_DAYS} days')"),
        },
    );
    Ok(Jump::find_by_statement(Statement::from_string(database.backend(), sql)).all(&database.read).await?)
}

/// Number of jumps of each page that has any.
///
/// # Errors
/// When the database does not answer.
pub async fn count_jumps(database: &Database, of: JumpsOf) -> Result<Vec<(i64, u64)>> {
    let sql = format!(
        "SELECT f.page_id, count(*) FROM page_statistics f WHERE {} GROUP BY f.page_id",
        of.condition()
    );
    let rows = database.read.query_all_raw(Statement::from_string(database.backend(), sql)).await?;
    let count = |row: sea_orm::QueryResult| {
        Ok((row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)?.unsigned_abs()))
    };
    rows.into_iter().map(count).collect()
}
