//! Past states of the whole registry, to count in; shared by all requests.
//!
//! A state is restored from the nearest later one that is known, by unwinding what was written since. A past state does not
//! change, so it is kept while there is room. States of one registry share the memory of everything in which they are equal.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, SubjectType};
use moka::future::Cache;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Expr};
use tokio::sync::Semaphore;

use super::{
    Registry,
    as_of::{States, last_states},
};
use crate::{
    database::SharedError,
    snapshot::{Ids, Snapshot},
    view::{Subject, View},
    worker_pool,
};

/// Capacity of the cache in bytes, as estimated by [`weight`].
const MAX_BYTES: usize = 384 << 20;
/// States that are restored or wait for their turn: one at a time is restored.
const MAX_PLACES: usize = 8;
/// Subjects that are read at once.
const BATCH: usize = 2_000;
/// Estimated bytes of a state itself, of a record that differs from the next state, and of a record whose facets were built
/// again.
const STATE_BYTES: usize = 1 << 20;
const RESTORED_BYTES: usize = 1_000;
const REBUILT_BYTES: usize = 150;

/// Too many states are being restored; the request can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many past states are being restored")]
pub struct TooManyRestorations;

/// A state by its reload of the registry, the time zone of its days, and its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    generation: u32,
    time_zone: &'static str,
    seq: i64,
}

#[derive(Clone)]
struct Restored {
    state: Arc<Snapshot>,
    bytes: usize,
}

/// Past states of the whole registry; cheap to clone.
#[derive(Clone)]
pub struct RestoredStates {
    registry: Registry,
    cache: Cache<Key, Restored>,
    /// One state is restored at a time: it may take a processor for seconds.
    turn: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl RestoredStates {
    /// Past states of a registry; none is restored yet.
    pub fn new(registry: &Registry) -> Self {
        let weigh = |_: &Key, restored: &Restored| u32::try_from(restored.bytes).unwrap_or(u32::MAX);
        Self {
            registry: registry.clone(),
            cache: Cache::builder().max_capacity(MAX_BYTES as u64).weigher(weigh).build(),
            turn: Arc::new(Semaphore::new(1)),
            places: Arc::new(Semaphore::new(MAX_PLACES)),
        }
    }

    /// A view of the whole registry as of a timestamp, to count in; for the viewer of a later `view`.
    ///
    /// # Errors
    /// [`TooManyRestorations`], when the database does not answer, or when a change cannot be parsed.
    pub async fn view_at(&self, view: &View, at: DateTime<Utc>) -> Result<View> {
        let seq = self.registry.as_of(at, view.seq()).await?.seq();
        Ok(view.restored(self.state(view.snapshot(), at, seq).await?, at))
    }

    /// The state as of a timestamp, at the sequence number of the last change until then.
    async fn state(&self, later: &Arc<Snapshot>, at: DateTime<Utc>, seq: i64) -> Result<Arc<Snapshot>> {
        if seq == later.seq() {
            return Ok(later.clone());
        }
        let key = Key { generation: later.timeline().generation, time_zone: later.time_zone().name(), seq };
        if let Some(known) = self.cache.get(&key).await {
            return Ok(known.state);
        }
        let (states, later) = (self.clone(), later.clone());
        // In its own task: a cancelled request must not cancel the restoration that others wait for, and finds it done when it
        // is sent again.
        let restoring = worker_pool::spawn(async move {
            let restore = states.restore(key, later, at);
            states.cache.try_get_with(key, restore).await
        });
        match restoring.await? {
            Ok(restored) => Ok(restored.state),
            Err(error) if error.is::<TooManyRestorations>() => Err(TooManyRestorations.into()),
            Err(error) => Err(SharedError(error).into()),
        }
    }

    async fn restore(&self, key: Key, later: Arc<Snapshot>, at: DateTime<Utc>) -> Result<Restored> {
        let _place = self.places.try_acquire().map_err(|_| TooManyRestorations)?;
        let _turn = self.turn.acquire().await?;
        let later = self.nearest(key, later);
        if key.seq == 0 {
            return Ok(Restored { state: Arc::new(later.before_records()), bytes: STATE_BYTES });
        }
        self.unwind(&later, at, key.seq).await
    }

    /// The nearest known state after the one with this key.
    fn nearest(&self, key: Key, later: Arc<Snapshot>) -> Arc<Snapshot> {
        let known = self.cache.iter().filter(|(known, _)| Key { seq: key.seq, ..**known } == key);
        let after = known.filter(|(known, _)| (key.seq..later.seq()).contains(&known.seq));
        let nearest = after.min_by_key(|(known, _)| known.seq);
        nearest.map_or(later, |(_, restored)| restored.state)
    }

    /// Restores the state at a sequence number from a later one.
    async fn unwind(&self, later: &Snapshot, at: DateTime<Utc>, seq: i64) -> Result<Restored> {
        let written = self.written_after(later, at, seq).await?;
        let subjects = written.iter().map(|(_, ids)| ids.len()).sum();
        let (mut state, is_rebuilt) = later.begin_restoring(subjects);
        let mut restored = 0;
        for (subject_type, ids) in &written {
            for ids in ids.chunks(BATCH) {
                let mut found = States::new();
                last_states(&self.registry.database().read, *subject_type, ids, seq, &mut found).await?;
                restored += found.len();
                restore_all(&mut state, *subject_type, ids, found)?;
            }
        }
        state.end_restoring(seq, at);
        Ok(Restored { bytes: weight(&state, restored, is_rebuilt), state: Arc::new(state) })
    }

    /// Subjects that were written after a timestamp and sequence number, each once, by descending id: most are added after
    /// those that they belong to. They have later timestamps themselves, apart from changes that nobody sees.
    async fn written_after(&self, later: &Snapshot, at: DateTime<Utc>, seq: i64) -> Result<Vec<Ids>> {
        let unseen = self.unseen_after(seq, later.seq()).await?;
        let mut written = later.written_after(at);
        for (subject_type, ids) in &mut written {
            let of_type = unseen.iter().filter(|(unseen, _)| *unseen == *subject_type);
            ids.extend(of_type.map(|(_, id)| *id));
            ids.sort_unstable_by(|left, right| right.cmp(left));
            ids.dedup();
        }
        Ok(written)
    }

    /// Subjects of the changes between two sequence numbers that nobody sees.
    async fn unseen_after(&self, seq: i64, last: i64) -> Result<Vec<Subject>> {
        use change::Column::{Seq, SubjectId, SubjectType};
        // Written out: a parameter would not lead to the index of these changes.
        let is_unseen = format!("audience = '{}'", Audience::Unchanged.to_value());
        let unseen = change::Entity::find().select_only().columns([SubjectType, SubjectId]).distinct();
        let unseen = unseen.filter(Expr::cust(is_unseen)).filter(Seq.gt(seq)).filter(Seq.lte(last));
        Ok(unseen.into_tuple().all(&self.registry.database().read).await?)
    }
}

fn restore_all(
    state: &mut Snapshot,
    subject_type: SubjectType,
    ids: &[i64],
    mut found: States,
) -> Result<()> {
    for id in ids {
        let subject: Subject = (subject_type, *id);
        state.restore(subject, found.remove(&subject).map(|known| known.record))?;
        worker_pool::yield_if_due();
    }
    Ok(())
}

/// Estimated bytes of a state that it does not share with others.
fn weight(state: &Snapshot, restored: usize, is_rebuilt: bool) -> usize {
    let (organizations, pages) = state.sizes();
    let rebuilt = if is_rebuilt { organizations + pages } else { 0 };
    STATE_BYTES + RESTORED_BYTES * restored + REBUILT_BYTES * rebuilt
}
