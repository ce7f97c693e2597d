//! Detecting that the database lost changes: it was restored to an earlier state, or a lagging replica was
//! promoted.
//!
//! A snapshot knows the hash of the log at its sequence number. When the log has another hash there, or none,
//! the snapshot is of another timeline: writes are refused, everything is reloaded, and the break is recorded
//! in the database with a new epoch, which is part of the keys of shared caches.

use anyhow::{Result, bail};
use chrono::{SubsecRound, Utc};
use entities::{change, timeline};
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Registry;
use crate::{
    database::{self, Database, bulk},
    snapshot::{Snapshot, Timeline},
};

/// Sequence numbers compared per statement.
const COMPARED: usize = 500;
/// Maximum number of breaks that are returned.
const MAX_BREAKS: u64 = 20;

/// The database's log is not the one that this process served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database lost change {seq}, or its log was rewritten: it was restored, or a lagging replica was promoted. \
     Writes are refused until the registry is reloaded"
)]
pub struct TimelineFault {
    /// Sequence number that this process had reached.
    pub seq: i64,
}

/// Breaks in the database's timeline, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn breaks(db: &impl ConnectionTrait) -> Result<Vec<timeline::Model>> {
    Ok(timeline::Entity::find().order_by_desc(timeline::Column::Id).limit(MAX_BREAKS).all(db).await?)
}

/// Present timeline of the database.
pub(super) async fn current(db: &impl ConnectionTrait, generation: u32) -> Result<Timeline> {
    let last = timeline::Entity::find().order_by_desc(timeline::Column::Id).one(db).await?;
    Ok(last.map_or(Timeline { generation, ..Timeline::default() }, |last| named(&last, generation)))
}

fn named(last: &timeline::Model, generation: u32) -> Timeline {
    Timeline { generation, last_break: last.id, epoch: last.epoch.as_str().into() }
}

/// Last sequence number that the snapshot and the database have in common, as far as the snapshot's trail
/// goes back; 0 when unknown.
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

/// Records a break, unless the log still has the `lost` change with its hash: the fault may come from a read
/// of a lagging server. A break recorded by another process since `last_break` is extended. Returns whether
/// there is a break. `common_seq` is 0 when unknown.
///
/// # Errors
/// When the database does not answer.
pub async fn record_break(
    database: &Database,
    last_break: i64,
    common_seq: i64,
    lost: Option<(i64, Vec<u8>)>,
    reason: &str,
) -> Result<bool> {
    let (database, reason) = (database.clone(), reason.to_owned());
    database::detached(async move {
        let transaction = database::begin_write(&database).await?;
        if let Some((seq, hash)) = &lost
            && hash_in(&transaction, *seq).await?.as_ref() == Some(hash)
        {
            return Ok(false);
        }
        let lost_seq = lost.map(|(seq, _)| seq);
        let last = timeline::Entity::find().order_by_desc(timeline::Column::Id).one(&transaction).await?;
        let row = match last.filter(|last| last.id > last_break) {
            // The same break, about which this process may know more.
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
        bulk::upsert::<timeline::Entity>(&transaction, vec![row]).await?;
        transaction.commit().await?;
        Ok(true)
    })
    .await
}

fn random_name() -> Result<String> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(blake3::hash(&bytes).to_hex()[..32].to_owned())
}

impl Registry {
    /// Leaves the timeline that the database has lost: records the break and reloads the registry. Returns
    /// whether there was a break. A fault that `is_logged` is not logged again.
    pub(super) async fn switch_timeline(&self, fault: TimelineFault, is_logged: bool) -> Result<bool> {
        let lost = self.snapshot();
        let common = common_seq(&self.database().follow, &lost).await?;
        if !is_logged {
            tracing::error!(lost_seq = fault.seq, common_seq = common, "{fault}");
        }
        let last_break = lost.timeline().last_break;
        let reason = "a server found a log that differs from the one it had served";
        let lost_head = (lost.seq(), lost.hash().to_vec());
        if !record_break(self.database(), last_break, common, Some(lost_head), reason).await? {
            tracing::warn!(seq = fault.seq, "the log is unchanged: the read came from a lagging server");
            return Ok(false);
        }
        let seq = self.reload(lost.timeline().generation + 1).await?;
        tracing::warn!(seq, common_seq = common, "the registry was reloaded");
        Ok(true)
    }

    /// Records a break again: the database lost its record of it, because it was restored to a state from
    /// before the break that still has all changes served since. Responses under the earlier epoch may be of
    /// another timeline.
    pub(super) async fn rerecord_break(&self, timeline: &Timeline) -> Result<()> {
        let known = self.snapshot();
        tracing::error!(
            seq = known.seq(),
            "the database lost its records of timeline breaks: it was restored to an earlier state"
        );
        let common = self.first_common_seq().min(known.seq());
        let reason = "a server found that the records of earlier breaks were lost";
        record_break(self.database(), timeline.last_break, common, None, reason).await?;
        let seq = self.reload(known.timeline().generation + 1).await?;
        tracing::warn!(seq, common_seq = common, "the registry was reloaded");
        Ok(())
    }

    /// Reloads the registry under its present epoch; returns its sequence number.
    async fn reload(&self, generation: u32) -> Result<i64> {
        let mut snapshot = crate::snapshot::load(self.database()).await?;
        snapshot.set_timeline(current(&self.database().follow, generation).await?);
        self.keep_first_common(breaks(&self.database().follow).await?);
        self.read_identity().await?;
        self.forget_receipt();
        self.read_receipt().await?;
        let seq = snapshot.seq();
        self.publish(snapshot);
        Ok(seq)
    }

    /// Verifies that the commit is visible to other connections: SQLite may report a commit that was not
    /// written.
    pub(super) async fn is_written(&self, seq: i64, hash: &[u8]) -> Result<()> {
        // Postgres acknowledges a commit after it is durable.
        if self.database().backend() == DbBackend::Postgres || seq == 0 {
            return Ok(());
        }
        // Uses a connection that readers cannot occupy.
        if hash_in(&self.database().follow, seq).await?.as_deref() != Some(hash) {
            bail!("change {seq} was committed, but is not in the database: nothing was written");
        }
        Ok(())
    }

    /// Where a reader's timeline, given by a sequence number and a hash mark, diverged from the database's.
    /// `known` is a change of the database whose hash is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn diverged_at(
        &self,
        timeline: &Timeline,
        known: (i64, &[u8]),
        (seq, mark): (i64, u64),
    ) -> Result<Divergence> {
        let hash = match seq == known.0 {
            true => Some(known.1.to_vec()),
            false => hash_at(self.database(), seq).await?,
        };
        Ok(match hash {
            Some(hash) if mark_of(&hash, timeline) == mark => Divergence::Nowhere,
            // The change is common, but the reader's view of subjects at that time may be of a lost timeline.
            Some(hash) if mark_of(&hash, timeline) >> 32 == mark >> 32 => Divergence::At(Some(seq)),
            _ => Divergence::At(self.last_common_seq(seq).await?),
        })
    }

    /// Last sequence number that a reader at `seq` and the database have in common, if it is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_common_seq(&self, seq: i64) -> Result<Option<i64>> {
        let breaks = breaks(&self.database().read).await?;
        let of_it =
            breaks.iter().filter(|it| it.common_seq < seq && it.lost_seq.is_none_or(|lost| lost >= seq));
        // 0 stands for unknown.
        Ok(of_it.map(|it| it.common_seq).min().filter(|seq| *seq > 0))
    }
}

/// Hash of the change with this sequence number; `None` when the log has no such change.
///
/// # Errors
/// When the database does not answer.
pub async fn hash_at(database: &Database, seq: i64) -> Result<Option<Vec<u8>>> {
    hash_in(&database.read, seq).await
}

async fn hash_in(db: &impl ConnectionTrait, seq: i64) -> Result<Option<Vec<u8>>> {
    let hash = change::Entity::find().select_only().column(change::Column::Hash);
    Ok(hash.filter(change::Column::Seq.eq(seq)).into_tuple().one(db).await?)
}

/// Hash mark for cursors: the first 4 bytes of the change's hash and of the hash of the epoch.
pub fn mark_of(hash: &[u8], timeline: &Timeline) -> u64 {
    let first = |bytes: &[u8]| bytes.first_chunk().map_or(0, |first| u64::from(u32::from_be_bytes(*first)));
    first(hash) << 32 | first(blake3::hash(timeline.epoch.as_bytes()).as_bytes())
}

/// Where a reader's timeline diverged from the database's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// Nowhere: it is the same timeline.
    Nowhere,
    /// After this sequence number, if it is known.
    At(Option<i64>),
}
