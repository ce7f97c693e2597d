//! Sums of days by segment, as they were made when figures came.

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::Metric;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::months::Sum;
use crate::database::Database;

/// Sums of one segment on one day.
#[derive(Clone, Debug)]
pub struct DaySums {
    /// The day.
    pub day: NaiveDate,
    /// Id of the segment.
    pub segment_id: i32,
    /// Sums of the figures that were asked for, in their order.
    pub sums: Vec<Sum>,
}

/// Sums of figures over the pages of these segments, on the days from one to another.
///
/// # Errors
/// When the database does not answer.
pub async fn day_sums(
    database: &Database,
    segments: &[i32],
    (from, to): (NaiveDate, NaiveDate),
    metrics: &[Metric],
) -> Result<Vec<DaySums>> {
    let columns: Vec<String> =
        metrics.iter().map(|metric| format!(", {0}, {0}_pages", metric.column())).collect();
    let (is_one, ids): (_, Value) = match database.backend() {
        DbBackend::Postgres => ("= ANY($1)", segments.to_vec().into()),
        _ => ("IN (SELECT value FROM json_each($1))", serde_json::Value::from(segments).to_string().into()),
    };
    let sql = format!(
        "SELECT day, segment_id{} FROM audience_rollup WHERE segment_id {is_one} AND day BETWEEN '{from}' AND '{to}'",
        columns.concat(),
    );
    let statement = Statement::from_sql_and_values(database.backend(), sql, [ids]);
    let rows = database.read.query_all_raw(statement).await?.into_iter().map(|row| {
        let sum = |place: usize| -> Result<Sum> {
            let sum: Option<i64> = row.try_get_by_index(2 + 2 * place)?;
            let pages: Option<i32> = row.try_get_by_index(3 + 2 * place)?;
            Ok(Sum { sum: sum.unwrap_or(0).unsigned_abs(), pages: pages.unwrap_or(0).unsigned_abs() })
        };
        Ok(DaySums {
            day: row.try_get_by_index(0)?,
            segment_id: row.try_get_by_index(1)?,
            sums: (0..metrics.len()).map(sum).collect::<Result<_>>()?,
        })
    });
    rows.collect()
}
