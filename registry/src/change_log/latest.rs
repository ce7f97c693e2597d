//! Writing the latest statistics of pages.

use anyhow::Result;
use entities::page_latest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use crate::database::{
    arrays::{Arrays, NONE, TIMESTAMP},
    bulk,
};

/// Writes latest statistics: of pages that had some before, or of pages that had none.
pub(super) async fn write(
    db: &DatabaseTransaction,
    rows: Vec<page_latest::Model>,
    had_others: bool,
) -> Result<()> {
    match (db.get_database_backend(), had_others) {
        (DbBackend::Postgres, _) => {}
        (_, true) => return bulk::upsert::<page_latest::Entity>(db, rows).await,
        (_, false) => return bulk::insert::<page_latest::Entity>(db, rows).await,
    }
    // One statement for all rows, which reads the table once.
    if !rows.is_empty() {
        let mut table = Arrays::new("page_latest", &["page_id"]);
        let posted = |row: &page_latest::Model| row.last_post_at.map_or(NONE, |at| at.timestamp_micros());
        table.add("page_id", "{}", rows.iter().map(|row| row.page_id).collect());
        table.add(
            "subscribers",
            "NULLIF({}, -1)",
            rows.iter().map(|row| row.subscribers.unwrap_or(NONE)).collect(),
        );
        table.add("last_post_at", TIMESTAMP, rows.iter().map(posted).collect());
        table.add(
            "recorded_at",
            TIMESTAMP,
            rows.iter().map(|row| row.recorded_at.timestamp_micros()).collect(),
        );
        table.add("seq", "{}", rows.iter().map(|row| row.seq).collect());
        db.execute_raw(if had_others { table.update() } else { table.insert(false) }).await?;
    }
    Ok(())
}
