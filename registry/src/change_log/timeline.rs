//! Noticing that the database went back: it was restored to an earlier state, or a replica that was behind took over.
//!
//! Whoever holds a snapshot knows the hash of the log at its place. Where the log has another one there, or none, it is not
//! the log that the snapshot was made of: nothing is written, everything is loaded anew, and the break is noted in the
//! database with a new name for its history, which is part of the keys of shared caches.

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

/// Notes a break, unless another process has noted it since `last_break`, or the log still has the `lost` place with its
/// hash: a reader may have asked a server that is behind. Says whether there is a break. A last common place that is not known
/// is 0.
///
/// # Errors
/// When the database does not answer.
pub async fn note_break(
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
    /// Leaves the history that the database has lost: notes the break, and loads the registry anew. Says whether there was a
    /// break. What the operator `is_told` of already is not told again.
    pub(super) async fn rejoin(&self, fault: TimelineFault, is_told: bool) -> Result<bool> {
        let lost = self.snapshot();
        let common = common_seq(&self.database().follow, &lost).await?;
        if !is_told {
            tracing::error!(lost_seq = fault.seq, common_seq = common, "{fault}");
        }
        let last_break = lost.timeline().last_break;
        let reason = "a server found another log than it had served";
        let place = (lost.seq(), lost.hash().to_vec());
        if !note_break(self.database(), last_break, common, Some(place), reason).await? {
            tracing::warn!(
                seq = fault.seq,
                "the log is as it was: what was read came from a server that is behind"
            );
            return Ok(false);
        }
        let seq = self.load_anew(lost.timeline().generation + 1).await?;
        tracing::warn!(seq, common_seq = common, "the registry is loaded anew and served");
        Ok(true)
    }

    /// Notes again that there was a break: the database has lost its note, since it went back to a state from before it that
    /// has all that was served since. What was told under the name of the history before that break may be of another one.
    pub(super) async fn note_again(&self, timeline: &Timeline) -> Result<()> {
        let known = self.snapshot();
        tracing::error!(
            seq = known.seq(),
            "the database lost its notes of breaks: it was restored to a state from before them"
        );
        let common = self.first_common_seq().min(known.seq());
        let reason = "a server found that the notes of earlier breaks were lost";
        note_break(self.database(), timeline.last_break, common, None, reason).await?;
        let seq = self.load_anew(known.timeline().generation + 1).await?;
        tracing::warn!(seq, common_seq = common, "the registry is loaded anew and served");
        Ok(())
    }

    /// Loads the registry anew, under the name that its history has now; answers its place.
    async fn load_anew(&self, generation: u32) -> Result<i64> {
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

    /// Makes sure that others see what was committed: a database that says so and has not written it must not be believed.
    pub(super) async fn is_written(&self, seq: i64, hash: &[u8]) -> Result<()> {
        // Postgres answers a commit once it is on its disk.
        if self.database().backend() == DbBackend::Postgres || seq == 0 {
            return Ok(());
        }
        // By a connection that no reader keeps busy.
        if hash_in(&self.database().follow, seq).await?.as_deref() != Some(hash) {
            bail!("change {seq} was committed, but is not in the database: nothing was written");
        }
        Ok(())
    }

    /// Where the history of a reader, who has reached a place with this mark, left that of the database; of one place of the
    /// database's the hash is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn left_at(
        &self,
        timeline: &Timeline,
        known: (i64, &[u8]),
        (seq, mark): (i64, u64),
    ) -> Result<Left> {
        let hash = match seq == known.0 {
            true => Some(known.1.to_vec()),
            false => hash_at(self.database(), seq).await?,
        };
        Ok(match hash {
            Some(hash) if mark_of(&hash, timeline) == mark => Left::Nowhere,
            // The place is common, but what the reader was told of subjects as they were then may be lost.
            Some(hash) if mark_of(&hash, timeline) >> 32 == mark >> 32 => Left::At(Some(seq)),
            _ => Left::At(self.common_place(seq).await?),
        })
    }

    /// Last place that the histories of a reader who has reached `seq` and of the database have in common, where that is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn common_place(&self, seq: i64) -> Result<Option<i64>> {
        let breaks = breaks(&self.database().read).await?;
        let of_it =
            breaks.iter().filter(|it| it.common_seq < seq && it.lost_seq.is_none_or(|lost| lost >= seq));
        // Of some it is not known.
        Ok(of_it.map(|it| it.common_seq).min().filter(|seq| *seq > 0))
    }
}

/// Hash of the log at a place; none where the log has no such place.
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

/// What cursors carry of a place beside its number: the beginning of the log's hash there, and of that of the history's name.
pub fn mark_of(hash: &[u8], timeline: &Timeline) -> u64 {
    let first = |bytes: &[u8]| bytes.first_chunk().map_or(0, |first| u64::from(u32::from_be_bytes(*first)));
    first(hash) << 32 | first(blake3::hash(timeline.epoch.as_bytes()).as_bytes())
}

/// Where a reader's history left that of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It is the same.
    Nowhere,
    /// After this place, where it is known.
    At(Option<i64>),
}
