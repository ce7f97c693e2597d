//! The registry of this process: its snapshot, its writes, its place in the log.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::{
    Actor, Receipt, Signer, append,
    change_set::ChangeSet,
    checkpoints::Checkpoints,
    follow, secret, signing,
    timeline::{self, TimelineFault},
    transaction::WriteTransaction,
};
use crate::{
    database::{self, Database},
    snapshot::{self, Snapshot},
    task_monitor::TaskMonitor,
    worker_pool,
};

/// Histories that are read at once: others wait in little memory, before their statements are made.
const HISTORIES: usize = 16;

/// Handle to the registry; clones share one snapshot.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    snapshot: ArcSwap<Snapshot>,
    /// Held while a newer snapshot takes the place of the current one.
    publishing: Mutex<()>,
    /// Generation of the snapshot, and its place in the log.
    place: watch::Sender<(u32, i64)>,
    /// Hash of the first change.
    identity: ArcSwapOption<Vec<u8>>,
    /// Secret of the registry, which all its servers know.
    secret: [u8; 32],
    /// Whether the registry is being loaded anew.
    is_rejoining: AtomicBool,
    /// When the snapshot was known to be the log's last state.
    caught_up_at: Mutex<Instant>,
    /// Digests of past places.
    checkpoints: Checkpoints,
    /// Last receipt that is known.
    receipt: ArcSwapOption<Receipt>,
    /// Turns of those who read histories.
    histories: Semaphore,
    tasks: TaskMonitor,
    /// Place before all breaks that this process knows of; the highest number where it knows none.
    first_common: AtomicI64,
}

impl Registry {
    /// Loads the registry that the database holds.
    ///
    /// # Errors
    /// When the database does not answer, or holds what it should not.
    pub async fn open(database: Database) -> Result<Self> {
        let mut snapshot = snapshot::load(&database).await?;
        snapshot.set_timeline(timeline::current(&database.read, 0).await?);
        let place = watch::Sender::new((0, snapshot.seq()));
        let secret = secret::read(&database).await?;
        let shared = Shared {
            database,
            snapshot: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
            place,
            identity: ArcSwapOption::empty(),
            secret,
            is_rejoining: AtomicBool::new(false),
            caught_up_at: Mutex::new(Instant::now()),
            checkpoints: Checkpoints::default(),
            receipt: ArcSwapOption::empty(),
            histories: Semaphore::new(HISTORIES),
            tasks: TaskMonitor::default(),
            first_common: AtomicI64::new(i64::MAX),
        };
        let registry = Self { shared: Arc::new(shared) };
        registry.keep_first_common(timeline::breaks(&registry.database().read).await?);
        registry.read_identity().await?;
        // What SQLite keeps beside its file is there now, and known from here on.
        registry.database().check_in_place()?;
        Ok(registry)
    }

    /// Background tasks of this process, and what each did last.
    pub fn tasks(&self) -> &TaskMonitor {
        &self.shared.tasks
    }

    /// Keeps the snapshot in step with the log, for as long as the answered task runs.
    pub fn follow(&self) -> tokio::task::JoinHandle<()> {
        worker_pool::spawn(follow::follow(self.clone()))
    }

    /// Signs receipts, or keeps up with those that other processes sign, for as long as the answered task runs.
    pub fn sign_receipts(&self, signer: Option<Signer>) -> tokio::task::JoinHandle<()> {
        worker_pool::spawn(signing::run(self.clone(), signer))
    }

    /// Last signed receipt of the log that is known.
    pub fn receipt(&self) -> Option<Arc<Receipt>> {
        self.shared.receipt.load_full()
    }

    /// Forgets the last receipt: it was of a history that the database has lost.
    pub(super) fn forget_receipt(&self) {
        self.shared.receipt.store(None);
    }

    pub(super) fn keep_receipt(&self, receipt: Receipt) {
        self.shared.receipt.store(Some(Arc::new(receipt)));
    }

    /// A turn to read a history.
    pub(super) async fn history_turn(&self) -> Result<SemaphorePermit<'_>> {
        Ok(self.shared.histories.acquire().await?)
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// What tells the registry apart from all others: the hash of its first change. None before that.
    pub fn identity(&self) -> Option<Arc<Vec<u8>>> {
        self.shared.identity.load_full()
    }

    pub(super) async fn read_identity(&self) -> Result<()> {
        let first = append::first_hash(&self.shared.database.follow).await?;
        self.shared.identity.store(first.map(Arc::new));
        Ok(())
    }

    /// Secret of the registry, which all its servers know and nobody else: 32 bytes.
    pub fn secret(&self) -> &[u8; 32] {
        &self.shared.secret
    }

    /// Remembers where the first of all breaks was.
    pub(super) fn keep_first_common(&self, breaks: Vec<entities::timeline::Model>) {
        let first = breaks.iter().map(|it| it.common_seq).min().unwrap_or(i64::MAX);
        self.shared.first_common.fetch_min(first, Ordering::Relaxed);
    }

    /// Place before all breaks that this process knows of.
    pub(super) fn first_common_seq(&self) -> i64 {
        self.shared.first_common.load(Ordering::Relaxed)
    }

    /// Whether the registry is being loaded anew, because the database went back.
    pub fn is_rejoining(&self) -> bool {
        self.shared.is_rejoining.load(Ordering::Relaxed)
    }

    pub(super) fn checkpoints(&self) -> &Checkpoints {
        &self.shared.checkpoints
    }

    /// Database that the registry lives in.
    pub fn database(&self) -> &Database {
        &self.shared.database
    }

    /// How long ago the snapshot was known to be the log's last state.
    pub fn lag(&self) -> Duration {
        lock(&self.shared.caught_up_at).elapsed()
    }

    /// Tells of each new state: times that the registry was loaded anew, and the place in the log.
    pub fn places(&self) -> watch::Receiver<(u32, i64)> {
        self.shared.place.subscribe()
    }

    /// Waits until the snapshot has reached `seq`; `false` where the registry was loaded anew before that.
    pub async fn reached(&self, seq: i64) -> bool {
        let mut place = self.shared.place.subscribe();
        let (generation, _) = *place.borrow();
        // The sender lives as long as `self`, so waiting cannot fail.
        let found = place.wait_for(|(now, current)| *now != generation || *current >= seq).await;
        found.is_ok_and(|place| place.0 == generation)
    }

    /// Writes to the registry: `rules` decide on the state at the log's head, and all that they put is
    /// committed together with its changes, or not at all. Answers once this process's snapshot holds it.
    ///
    /// # Errors
    /// Those of `rules` and of the database; nothing is then written.
    pub async fn write<T, F>(&self, actor: &Actor, rules: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut ChangeSet) -> Result<T> + Send + 'static,
    {
        let (registry, actor) = (self.clone(), actor.clone());
        database::detached(async move {
            let mut writing = WriteTransaction::begin(&registry, actor).await?;
            let answer = rules(writing.change_set())?;
            writing.commit().await?;
            Ok(answer)
        })
        .await
    }

    /// Seals imports that ended before imports were sealed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seal_older_imports(&self) -> Result<()> {
        let registry = self.clone();
        database::detached(async move {
            let mut writing = WriteTransaction::begin(&registry, Actor::Registry).await?;
            writing.seal_older_imports().await?;
            writing.commit().await
        })
        .await
    }

    /// Takes in the changes that others wrote.
    pub(super) async fn catch_up(&self) -> Result<()> {
        self.shared.database.check_in_place()?;
        let mut snapshot = Snapshot::clone(&self.snapshot());
        let (before, db) = (snapshot.seq(), &self.shared.database.follow);
        if before == 0 {
            self.read_identity().await?;
        }
        if let Err(error) = append::catch_up(db, &mut snapshot).await {
            let Some(fault) = error.downcast_ref::<TimelineFault>() else { return Err(error) };
            let is_told = self.shared.is_rejoining.swap(true, Ordering::Relaxed);
            let is_anew = self.rejoin(*fault, is_told).await?;
            self.shared.is_rejoining.store(false, Ordering::Relaxed);
            // What was read of a server that is behind says nothing of the log's end.
            if is_anew {
                *lock(&self.shared.caught_up_at) = Instant::now();
            }
            return Ok(());
        }
        self.shared.is_rejoining.store(false, Ordering::Relaxed);
        // Another process may have found a break that lies before all that this one knows.
        let timeline = timeline::current(db, snapshot.timeline().generation).await?;
        let is_named_anew = timeline != *snapshot.timeline();
        if is_named_anew {
            let breaks = timeline::breaks(db).await?;
            let known = &snapshot.timeline().epoch;
            if !known.is_empty() && !breaks.iter().any(|it| *it.epoch == **known) {
                return self.note_again(&timeline).await;
            }
            self.keep_first_common(breaks);
        }
        snapshot.set_timeline(timeline);
        *lock(&self.shared.caught_up_at) = Instant::now();
        if snapshot.seq() > before || is_named_anew {
            self.publish(snapshot);
        }
        Ok(())
    }

    pub(super) fn publish(&self, snapshot: Snapshot) {
        let _publishing = self.shared.publishing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let current = self.shared.snapshot.load();
        let order = |snapshot: &Snapshot| {
            let timeline = snapshot.timeline();
            (timeline.generation, snapshot.seq(), timeline.last_break)
        };
        if order(&snapshot) > order(&current) {
            let place = (snapshot.timeline().generation, snapshot.seq());
            if place.0 != current.timeline().generation {
                self.shared.checkpoints.clear();
            }
            self.shared.checkpoints.note(&snapshot);
            self.shared.snapshot.store(Arc::new(snapshot));
            self.shared.place.send_replace(place);
        }
    }
}

fn lock(moment: &Mutex<Instant>) -> MutexGuard<'_, Instant> {
    moment.lock().unwrap_or_else(PoisonError::into_inner)
}
