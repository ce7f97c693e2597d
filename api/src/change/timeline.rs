//! Noticing that the database went back: it was restored to an earlier state, or a replica that was behind took over.
//!
//! Whoever holds a snapshot knows the hash of the log at its place. Where the log has another one there, or none, it is not
//! the log that the snapshot was made of: nothing is written, everything is loaded anew, and the break is noted in the
//! database with a new name for its history, which is part of the keys of shared caches.

use anyhow::Result;
use chrono::{SubsecRound, Utc};
use entities::{change, timeline};
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Registry, rows};
use crate::{
    database::{self, Database},
    snapshot::{Snapshot, Timeline},
};

/// Places of the log that are compared in one statement.
const COMPARED: usize = 500;
/// Breaks that are told of.
const TOLD: u64 = 20;

/// The database's log is not the one that this process has served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database went back behind change {seq}, or its log was written anew: it was restored, or a replica that was behind \
     took over. Nothing is written until the registry is loaded anew"
)]
pub struct TimelineFault {
    /// Place in the log that this process had reached.
    pub seq: i64,
}

/// Breaks in the database's history, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn breaks(db: &impl ConnectionTrait) -> Result<Vec<timeline::Model>> {
    Ok(timeline::Entity::find().order_by_desc(timeline::Column::Id).limit(TOLD).all(db).await?)
}

/// The database's history as it is named now.
pub(super) async fn current(db: &impl ConnectionTrait, generation: u32) -> Result<Timeline> {
    let last = timeline::Entity::find().order_by_desc(timeline::Column::Id).one(db).await?;
    Ok(last.map_or(Timeline { generation, ..Timeline::default() }, |last| named(&last, generation)))
}

fn named(last: &timeline::Model, generation: u32) -> Timeline {
    Timeline { generation, last_break: last.id, epoch: last.epoch.as_str().into() }
}

/// Last place that a snapshot's history has in common with the database's, as far as the snapshot remembers; 0 where it
/// remembers none.
async fn common_seq(db: &impl ConnectionTrait, snapshot: &Snapshot) -> Result<i64> {
    let trail: Vec<_> = snapshot.trail().collect();
    for part in trail.chunks(COMPARED) {
        let seqs = part.iter().map(|(seq, _)| *seq);
        let known = change::Entity::find().select_only().columns([change::Column::Seq, change::Column::Hash]);
        let known = known.filter(change::Column::Seq.is_in(seqs)).into_tuple();
        let known: Vec<(i64, Vec<u8>)> = known.all(db).await?;
        let is_common = |(seq, hash): &&(i64, &[u8])| known.iter().any(|(its, it)| its == seq && it == hash);
        if let Some((seq, _)) = part.iter().find(is_common) {
            return Ok(*seq);
        }
    }
    Ok(0)
}

/// Notes a break, unless another process has noted it since `last_break`.
///
/// # Errors
/// When the database does not answer.
pub async fn note_break(
    database: &Database,
    last_break: i64,
    (common_seq, lost_seq): (i64, Option<i64>),
    reason: &str,
) -> Result<()> {
    let (database, reason) = (database.clone(), reason.to_owned());
    database::detached(async move {
        let transaction = database::begin_write(&database).await?;
        let last = timeline::Entity::find().order_by_desc(timeline::Column::Id).one(&transaction).await?;
        let row = match last.filter(|last| last.id > last_break) {
            // The same break, of which this process may know more.
            Some(known) => timeline::Model {
                common_seq: known.common_seq.min(common_seq),
                lost_seq: known.lost_seq.max(lost_seq),
                ..known
            },
            None => timeline::Model {
                id: last_break + 1,
                epoch: random_name()?,
                common_seq,
                lost_seq,
                reason,
                at: Utc::now().trunc_subsecs(6),
            },
        };
        rows::replace::<timeline::Entity>(&transaction, vec![row]).await?;
        Ok(transaction.commit().await?)
    })
    .await
}

fn random_name() -> Result<String> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(blake3::hash(&bytes).to_hex()[..32].to_owned())
}

impl Registry {
    /// Leaves the history that the database has lost: notes the break, and loads the registry anew.
    pub(super) async fn rejoin(&self, fault: TimelineFault) -> Result<()> {
        let lost = self.snapshot();
        let common = common_seq(&self.database().follow, &lost).await?;
        tracing::error!(lost_seq = fault.seq, common_seq = common, "{fault}");
        let last_break = lost.timeline().last_break;
        let reason = "a server found another log than it had served";
        note_break(self.database(), last_break, (common, Some(lost.seq())), reason).await?;
        let mut snapshot = crate::snapshot::load(self.database()).await?;
        let generation = lost.timeline().generation + 1;
        snapshot.set_timeline(current(&self.database().follow, generation).await?);
        self.read_identity().await?;
        let seq = snapshot.seq();
        self.publish(snapshot);
        tracing::warn!(seq, common_seq = common, "the registry is loaded anew and served");
        Ok(())
    }

    /// Whether the history that a reader's place is of is still that of the database; of one place the hash is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_of_timeline(&self, known: (i64, &[u8]), (seq, mark): (i64, u64)) -> Result<bool> {
        if seq == known.0 {
            return Ok(mark_of(known.1) == mark);
        }
        Ok(hash_at(self.database(), seq).await?.is_some_and(|hash| mark_of(&hash) == mark))
    }

    /// Last place that the histories of a reader who has reached `seq` and of the database have in common, where that is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn common_place(&self, seq: i64) -> Result<Option<i64>> {
        let breaks = breaks(&self.database().read).await?;
        let of_it =
            breaks.iter().filter(|it| it.common_seq < seq && it.lost_seq.is_none_or(|lost| lost >= seq));
        Ok(of_it.map(|it| it.common_seq).min())
    }
}

/// Hash of the log at a place; none where the log has no such place.
///
/// # Errors
/// When the database does not answer.
pub async fn hash_at(database: &Database, seq: i64) -> Result<Option<Vec<u8>>> {
    let hash = change::Entity::find().select_only().column(change::Column::Hash);
    Ok(hash.filter(change::Column::Seq.eq(seq)).into_tuple().one(&database.read).await?)
}

/// The beginning of a hash of the log, as cursors carry it.
pub fn mark_of(hash: &[u8]) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
