//! Statistics of hidden pages are subtracted from the sums, and added again when the pages are shown.

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::{METRICS, Metric};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Statement, Value};

use super::sum_changes::{Change, SumChanges};
use crate::{database::arrays::among, model::Segments};

/// Number of pages whose statistics one statement sums: three years of them are a hundred thousand rows.
const AT_ONCE: usize = 100;

/// Subtracts the statistics of newly `hidden` pages from the sums, and adds those of newly `shown` pages.
///
/// # Errors
/// When the database fails.
pub async fn hide_and_show(
    db: &DatabaseTransaction,
    hidden: &[i64],
    shown: &[i64],
    segments: &Segments,
) -> Result<()> {
    let mut sums = SumChanges::default();
    for (pages, sign) in [(hidden, -1), (shown, 1)] {
        for pages in pages.chunks(AT_ONCE) {
            for row in sums_of(db, pages).await? {
                let (key, change) = read(&row)?;
                sums.add(key, &change.times(sign));
            }
            if sums.is_full() {
                sums.write(db, segments).await?;
            }
        }
    }
    sums.write(db, segments).await
}

/// Sums of the statistics of some pages, by day and segment.
async fn sums_of(db: &DatabaseTransaction, pages: &[i64]) -> Result<Vec<QueryResult>> {
    let backend = db.get_database_backend();
    let (is_one, ids) = among(backend, pages);
    let columns = Metric::ALL.map(|metric| metric.column());
    let columns = columns.map(|column| format!(", CAST(sum(f.{column}) AS BIGINT), count(f.{column})"));
    let sql = format!(
        "SELECT f.day, f.segment_id, count(*){} FROM page_statistics f WHERE f.page_id {is_one} GROUP BY f.day, f.segment_id",
        columns.concat(),
    );
    Ok(db.query_all_raw(Statement::from_sql_and_values(backend, sql, [ids])).await?)
}

fn read(row: &QueryResult) -> Result<((NaiveDate, i32), Change)> {
    let number = |index: usize| anyhow::Ok(row.try_get_by_index::<Option<i64>>(index)?.unwrap_or(0));
    let mut change = Change { pages: number(2)?, ..Change::default() };
    for index in 0..METRICS {
        change.sums[index] = number(3 + 2 * index)?;
        change.pages_of[index] = number(4 + 2 * index)?;
    }
    Ok(((row.try_get_by_index(0)?, row.try_get_by_index(1)?), change))
}

/// SQL condition that rows `f` of `page_statistics` are of no hidden page, with its bound value.
pub fn of_shown(backend: DbBackend, hidden: &[i64]) -> (String, Value) {
    let (is_one, ids) = among(backend, hidden);
    (format!("NOT f.page_id {is_one}"), ids)
}
