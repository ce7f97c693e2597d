//! Daily sums by segment, as maintained by each write.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::{METRICS, Metric};
use sea_orm::{ConnectionTrait, Statement};

use super::month_cache::Sum;
use crate::database::{Database, arrays::among};

/// Sums of one segment on one day.
#[derive(Clone, Debug)]
pub struct DaySums {
    /// The day.
    pub day: NaiveDate,
    /// Id of the segment.
    pub segment_id: i32,
    /// Sums of the requested metrics, in their order.
    pub sums: Vec<Sum>,
}

/// Sums of metrics over the pages of each segment, on each day from `from` to `to`, both included.
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
    let (is_one, ids) = among(database.backend(), segments);
    let sql = format!(
        "SELECT day, segment_id{} FROM audience_rollup WHERE segment_id {is_one} AND day BETWEEN '{from}' AND '{to}'",
        columns.concat(),
    );
    let statement = Statement::from_sql_and_values(database.backend(), sql, [ids]);
    let rows = database.read.query_all_raw(statement).await?.into_iter().map(|row| {
        let sum = |index: usize| -> Result<Sum> {
            let sum: Option<i64> = row.try_get_by_index(2 + 2 * index)?;
            let pages: Option<i32> = row.try_get_by_index(3 + 2 * index)?;
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

/// Sums of one platform on one day, over several segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformDay {
    /// Number of pages that have statistics.
    pub pages: u64,
    /// Sums of the metrics, in the order of [`Metric::ALL`].
    pub sums: [Sum; METRICS],
}

impl PlatformDay {
    /// Subtracts the sums of other segments, which must be part of these.
    pub fn without(&mut self, others: &Self) {
        self.pages = self.pages.saturating_sub(others.pages);
        for (sum, other) in self.sums.iter_mut().zip(&others.sums) {
            sum.sum = sum.sum.saturating_sub(other.sum);
            sum.pages = sum.pages.saturating_sub(other.pages);
        }
    }
}

/// Sums over these segments, which must have the same grain, by day and platform; `from` and `to` are included.
///
/// # Errors
/// When the database does not answer.
pub async fn platform_days(
    database: &Database,
    segments: &[i32],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<(NaiveDate, i64), PlatformDay>> {
    let sum = |column: &str| format!(", CAST(sum(r.{column}) AS BIGINT)");
    let of_metric = |metric: Metric| sum(metric.column()) + &sum(&format!("{}_pages", metric.column()));
    let (is_one, ids) = among(database.backend(), segments);
    let sql = format!(
        "SELECT r.day, s.platform_id{}{} FROM audience_rollup r JOIN audience_segment s ON s.id = r.segment_id \
         WHERE r.segment_id {is_one} AND r.day BETWEEN '{from}' AND '{to}' GROUP BY r.day, s.platform_id",
        sum("pages"),
        Metric::ALL.map(of_metric).concat(),
    );
    let statement = Statement::from_sql_and_values(database.backend(), sql, [ids]);
    let rows = database.read.query_all_raw(statement).await?.into_iter().map(|row| {
        let number = |index: usize| -> Result<u64> {
            Ok(row.try_get_by_index::<Option<i64>>(index)?.unwrap_or(0).unsigned_abs())
        };
        let mut day = PlatformDay { pages: number(2)?, ..PlatformDay::default() };
        for (index, sum) in day.sums.iter_mut().enumerate() {
            let pages = u32::try_from(number(4 + 2 * index)?)?;
            *sum = Sum { sum: number(3 + 2 * index)?, pages };
        }
        Ok(((row.try_get_by_index(0)?, row.try_get_by_index(1)?), day))
    });
    rows.collect()
}
