//! Bulk writes of daily rows.

use anyhow::Result;
use chrono::NaiveDate;
use entities::{
    audience_segment,
    page_statistics::{Entity, Metric, Model},
    statistics_batch,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};

use crate::{
    database::{
        arrays::{Arrays, DAY, NONE, TIMESTAMP, days},
        bulk,
    },
    model::Segments,
};

/// Rows per statement on Postgres: enough that the round trip does not matter, few enough that their arrays fit into
/// memory that the allocator reuses.
const MAX_ROWS: usize = 10_000;

/// Writes daily rows; with `may_exist`, they replace existing ones.
pub(super) async fn daily_rows(db: &DatabaseTransaction, rows: Vec<Model>, may_exist: bool) -> Result<()> {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            for rows in rows.chunks(MAX_ROWS) {
                db.execute_raw(as_arrays(rows, may_exist)).await?;
            }
            Ok(())
        }
        _ if may_exist => bulk::upsert::<Entity>(db, rows).await,
        _ => bulk::insert::<Entity>(db, rows).await,
    }
}

/// One statement for any number of rows: each column is an array.
fn as_arrays(rows: &[Model], may_exist: bool) -> Statement {
    let values: Vec<_> = rows.iter().map(Model::values).collect();
    let mut table = Arrays::new("page_statistics", &["page_id", "day"]);
    table.add("page_id", "{}", rows.iter().map(|row| row.page_id).collect());
    table.add("day", DAY, rows.iter().map(|row| days(row.day)).collect());
    table.add("segment_id", "{}::int", rows.iter().map(|row| i64::from(row.segment_id)).collect());
    for (index, metric) in Metric::ALL.into_iter().enumerate() {
        let numbers = values.iter().map(|values| values[index].unwrap_or(NONE)).collect();
        let is_wide = metric.max() > i64::from(i32::MAX);
        table.add(metric.column(), if is_wide { "NULLIF({}, -1)" } else { "NULLIF({}, -1)::int" }, numbers);
    }
    table.add("batch_id", "{}::int", rows.iter().map(|row| i64::from(row.batch_id)).collect());
    table.add("recorded_at", TIMESTAMP, rows.iter().map(|row| row.recorded_at.timestamp_micros()).collect());
    table.add("is_jump", "{} <> 0", rows.iter().map(|row| i64::from(row.is_jump)).collect());
    table.insert(may_exist)
}

/// Writes the segments with ids from `first` on.
pub(super) async fn segments(db: &DatabaseTransaction, segments: &Segments, first: i32) -> Result<()> {
    let rows = (first..=segments.len()).filter_map(|id| segments.row(id)).collect();
    bulk::insert::<audience_segment::Entity>(db, rows).await
}

/// Writes a batch.
pub(super) async fn batch(db: &DatabaseTransaction, batch: statistics_batch::Model) -> Result<()> {
    bulk::insert::<statistics_batch::Entity>(db, vec![batch]).await
}

/// Sets or clears the jump mark of daily rows.
pub(super) async fn jumps(db: &DatabaseTransaction, keys: &[(i64, NaiveDate)], is_jump: bool) -> Result<()> {
    let backend = db.get_database_backend();
    for keys in keys.chunks(MAX_ROWS) {
        let pages: Vec<i64> = keys.iter().map(|(page_id, _)| *page_id).collect();
        let (sql, values): (String, Vec<Value>) = match backend {
            DbBackend::Postgres => (
                format!(
                    "UPDATE page_statistics f SET is_jump = {is_jump} FROM unnest($1::bigint[], $2::bigint[]) AS a(page_id, day) \
                     WHERE f.page_id = a.page_id AND f.day = DATE '1970-01-01' + a.day::int"
                ),
                vec![pages.into(), keys.iter().map(|(_, day)| days(*day)).collect::<Vec<i64>>().into()],
            ),
            _ => {
                let keys: Vec<_> = keys.iter().map(|(page_id, day)| (page_id, day.to_string())).collect();
                let sql = format!(
                    "UPDATE page_statistics SET is_jump = {is_jump} FROM json_each(?) AS a \
                     WHERE page_id = a.value ->> 0 AND day = a.value ->> 1"
                );
                (sql, vec![serde_json::to_string(&keys)?.into()])
            }
        };
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}
