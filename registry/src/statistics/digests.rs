//! Digests of statistics recorded before digests existed, and comparison of all daily rows with the sealed digests.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{Months, NaiveDate};
use entities::page_statistics::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{check::months, day_hash::DayHashes};
use crate::{
    change_log::{Actor, LtHash, Registry, Sealed, WriteTransaction, sealed_figures},
    database,
    snapshot::Snapshot,
};

/// Daily rows per query.
const WINDOW: u64 = 20_000;

/// Creates the digests of platforms whose statistics were recorded before digests existed.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_digests(registry: &Registry) -> Result<()> {
    let registry = registry.clone();
    database::detached(async move {
        let mut writing = WriteTransaction::begin(&registry, Actor::Registry).await?;
        let (transaction, change_set) = writing.parts();
        let mut hashes = DayHashes::default();
        for month in months(transaction).await? {
            add_month(transaction, change_set.snapshot(), month, &mut hashes).await?;
        }
        writing.begin_digests(&hashes.finish()).await?;
        writing.commit().await
    })
    .await
}

async fn add_month(
    db: &DatabaseTransaction,
    snapshot: &Snapshot,
    month: NaiveDate,
    hashes: &mut DayHashes,
) -> Result<()> {
    for day in month.iter_days().take_while(|day| *day < month + Months::new(1)) {
        let mut after = i64::MIN;
        loop {
            let window = Entity::find().filter(Column::Day.eq(day)).filter(Column::PageId.gt(after));
            let window: Vec<Model> = window.order_by_asc(Column::PageId).limit(WINDOW).all(db).await?;
            let Some(last) = window.last() else { break };
            after = last.page_id;
            window.iter().for_each(|row| hashes.add(snapshot, row));
        }
    }
    Ok(())
}

/// Descriptions of platforms whose daily rows do not match the digests sealed in the log.
pub(super) async fn compare(
    db: &impl ConnectionTrait,
    snapshot: &Snapshot,
    hashes: BTreeMap<i64, LtHash>,
) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for platform in snapshot.platforms().values() {
        let sealed = match sealed_figures(db, platform.id).await? {
            Sealed::Digests(sealed) => sealed.days,
            Sealed::BeforeDigests => continue,
            Sealed::Nothing if !hashes.contains_key(&platform.id) => continue,
            Sealed::Nothing => {
                faults.push(format!("{}: daily rows of which the log has no digest", platform.code));
                continue;
            }
        };
        let days = hashes.get(&platform.id).cloned().unwrap_or_default();
        if days.digest() != *sealed {
            faults.push(format!("{}: the daily rows do not match the digest in the log", platform.code));
        }
    }
    if hashes.contains_key(&0) {
        faults.push("statistics of pages that do not exist".to_owned());
    }
    Ok(faults)
}
