//! Tables that are not part of the snapshot: historical keys, marks and receipts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use entities::{former_key, mark_record, receipt};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{Verdict, replay::Replay};
use crate::snapshot::FormerKey;

/// First historical key in which the table differs from the log.
pub(super) async fn former_keys(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    let rows = former_key::Entity::find().all(db).await?.into_iter();
    let rows: BTreeSet<FormerKey> =
        rows.map(|row| FormerKey { space: row.space, key: row.key, subject_id: row.subject_id }).collect();
    let different = rows.symmetric_difference(&replay.former_keys).next();
    Ok(different.map(|key| format!("the former key {:?} {} of {}", key.space, key.key, key.subject_id)))
}

/// A mark of a change that is not in the log.
pub(super) async fn marks_beyond(db: &DatabaseTransaction, last: i64) -> Result<Option<String>> {
    let seq = mark_record::Column::Seq;
    let beyond = mark_record::Entity::find().filter(outside(seq, last)).one(db).await?;
    Ok(beyond.map(|mark| format!("the mark of change {}, which is not in the log", mark.seq)))
}

/// Sequence numbers outside a log that ends at `last`.
fn outside(seq: impl ColumnTrait, last: i64) -> Condition {
    Condition::any().add(seq.gt(last)).add(seq.lt(1))
}

/// Receipts in a range of sequence numbers, by sequence number.
pub(super) async fn receipts(
    db: &DatabaseTransaction,
    (from, to): (i64, i64),
) -> Result<BTreeMap<i64, receipt::Model>> {
    let rows = receipt::Entity::find().filter(receipt::Column::Seq.between(from, to));
    Ok(rows.all(db).await?.into_iter().map(|row| (row.seq, row)).collect())
}

/// A receipt with a sequence number after the end of the log.
pub(super) async fn receipts_beyond(db: &DatabaseTransaction, last: i64) -> Result<Option<Verdict>> {
    let seq = receipt::Column::Seq;
    let beyond = receipt::Entity::find().filter(outside(seq, last)).one(db).await?;
    Ok(beyond.map(|receipt| {
        let why = format!("the log ends at change {last}: changes after it were cut off");
        Verdict::Contradicted { seq: receipt.seq, why }
    }))
}
