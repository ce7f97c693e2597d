//! The registry in this process: its snapshot, its writes and its position in the log.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::{
    Actor, Receipt, Signer, append,
    change_set::ChangeSet,
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

/// Maximum number of histories read concurrently: others wait before they allocate memory.
const HISTORIES: usize = 16;

/// Handle to the registry; clones share one snapshot.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    snapshot: ArcSwap<Snapshot>,
    /// Held while a newer snapshot replaces the current one.
    publishing: Mutex<()>,
    /// Generation and sequence number of the snapshot.
    position: watch::Sender<(u32, i64)>,
    /// Hash and timestamp of the first change.
    first: ArcSwapOption<(Arc<Vec<u8>>, DateTime<Utc>)>,
    /// Secret shared by all servers of the registry.
    secret: [u8; 32],
    /// Whether the registry is being reloaded.
    is_reloading: AtomicBool,
    /// Beginning of the last reading of the log to its end: the snapshot has all that was written before.
    caught_up_at: Mutex<Instant>,
    /// Last known receipt.
    receipt: ArcSwapOption<Receipt>,
    /// Permits for reading histories.
    histories: Semaphore,
    tasks: TaskMonitor,
    /// Last sequence number before all timeline breaks that this process knows; `i64::MAX` without any.
    first_common: AtomicI64,
}

impl Registry {
    /// Loads the registry from the database.
    ///
    /// # Errors
    /// When the database does not answer, or its contents are invalid.
    pub async fn open(database: Database) -> Result<Self> {
        let mut snapshot = snapshot::load(&database).await?;
        snapshot.set_timeline(timeline::current(&database.read, 0).await?);
        let position = watch::Sender::new((0, snapshot.seq()));
        let secret = secret::read(&database).await?;
        let shared = Shared {
            database,
            snapshot: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
            position,
            first: ArcSwapOption::empty(),
            secret,
            is_reloading: AtomicBool::new(false),
            caught_up_at: Mutex::new(Instant::now()),
            receipt: ArcSwapOption::empty(),
            histories: Semaphore::new(HISTORIES),
            tasks: TaskMonitor::default(),
            first_common: AtomicI64::new(i64::MAX),
        };
        let registry = Self { shared: Arc::new(shared) };
        registry.keep_first_common(timeline::breaks(&registry.database().read).await?);
        registry.read_identity().await?;
        // The files that SQLite keeps beside the database exist now; their identity is recorded here.
        registry.database().check_in_place()?;
        Ok(registry)
    }

    /// Monitor of the background tasks of this process.
    pub fn tasks(&self) -> &TaskMonitor {
        &self.shared.tasks
    }

    /// Keeps the snapshot up to date with the log while the returned task runs.
    pub fn follow(&self) -> tokio::task::JoinHandle<()> {
        worker_pool::spawn(follow::follow(self.clone()))
    }

    /// Signs receipts, or reads those that other processes sign, while the returned task runs.
    pub fn sign_receipts(&self, signer: Option<Signer>) -> tokio::task::JoinHandle<()> {
        worker_pool::spawn(signing::run(self.clone(), signer))
    }

    /// Last known signed receipt of the log.
    pub fn receipt(&self) -> Option<Arc<Receipt>> {
        self.shared.receipt.load_full()
    }

    /// Drops the last receipt, because its timeline was lost.
    pub(super) fn forget_receipt(&self) {
        self.shared.receipt.store(None);
    }

    pub(super) fn keep_receipt(&self, receipt: Receipt) {
        self.shared.receipt.store(Some(Arc::new(receipt)));
    }

    /// Permit to read a history.
    pub(super) async fn history_turn(&self) -> Result<SemaphorePermit<'_>> {
        Ok(self.shared.histories.acquire().await?)
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// Identity of the registry: the hash of its first change; `None` before that.
    pub fn identity(&self) -> Option<Arc<Vec<u8>>> {
        self.shared.first.load_full().map(|first| first.0.clone())
    }

    /// Timestamp of the registry's first change; `None` before that.
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.shared.first.load_full().map(|first| first.1)
    }

    pub(super) async fn read_identity(&self) -> Result<()> {
        let first = append::first_change(&self.shared.database.follow).await?;
        self.shared.first.store(first.map(|(hash, at)| Arc::new((Arc::new(hash), at))));
        Ok(())
    }

    /// Secret shared by all servers of the registry: 32 bytes.
    pub fn secret(&self) -> &[u8; 32] {
        &self.shared.secret
    }

    /// Updates the last sequence number before all breaks.
    pub(super) fn keep_first_common(&self, breaks: Vec<entities::timeline::Model>) {
        let first = breaks.iter().map(|it| it.common_seq).min().unwrap_or(i64::MAX);
        self.shared.first_common.fetch_min(first, Ordering::Relaxed);
    }

    /// Last sequence number before all timeline breaks that this process knows.
    pub(super) fn first_common_seq(&self) -> i64 {
        self.shared.first_common.load(Ordering::Relaxed)
    }

    /// Whether the registry is being reloaded after the database lost changes.
    pub fn is_reloading(&self) -> bool {
        self.shared.is_reloading.load(Ordering::Relaxed)
    }

    /// Database of the registry.
    pub fn database(&self) -> &Database {
        &self.shared.database
    }

    /// Time since the snapshot was last known to be current.
    pub fn lag(&self) -> Duration {
        lock(&self.shared.caught_up_at).elapsed()
    }

    /// Whether the snapshot has all that was written before an instant.
    pub fn is_current_since(&self, instant: Instant) -> bool {
        *lock(&self.shared.caught_up_at) >= instant
    }

    /// Notifies of each new snapshot: number of reloads and sequence number.
    pub fn positions(&self) -> watch::Receiver<(u32, i64)> {
        self.shared.position.subscribe()
    }

    /// Waits until the snapshot has reached `seq`; returns `false` when the registry was reloaded before.
    pub async fn reached(&self, seq: i64) -> bool {
        let mut position = self.shared.position.subscribe();
        let (generation, _) = *position.borrow();
        // The sender lives as long as `self`, so waiting cannot fail.
        let found = position.wait_for(|(now, current)| *now != generation || *current >= seq).await;
        found.is_ok_and(|position| position.0 == generation)
    }

    /// Writes to the registry: `rules` decide on the state at the log's head; everything they upsert is
    /// committed together with its changes, or not at all. Returns once this process's snapshot contains it.
    ///
    /// # Errors
    /// Those of `rules` and of the database; nothing is written then.
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

    /// Seals imports from before import seals existed.
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

    /// Applies the changes that other processes wrote.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        let begun = Instant::now();
        self.shared.database.check_in_place()?;
        let mut snapshot = Snapshot::clone(&self.snapshot());
        let (before, db) = (snapshot.seq(), &self.shared.database.follow);
        if self.shared.first.load().is_none() {
            self.read_identity().await?;
        }
        if let Err(error) = append::catch_up(db, &mut snapshot).await {
            let Some(fault) = error.downcast_ref::<TimelineFault>() else { return Err(error) };
            let is_logged = self.shared.is_reloading.swap(true, Ordering::Relaxed);
            let has_switched = self.switch_timeline(*fault, is_logged).await?;
            self.shared.is_reloading.store(false, Ordering::Relaxed);
            // A read from a lagging server says nothing about the end of the log.
            if has_switched {
                self.caught_up(begun);
            }
            return Ok(());
        }
        self.shared.is_reloading.store(false, Ordering::Relaxed);
        // Another process may have recorded a break before all those known here.
        let timeline = timeline::current(db, snapshot.timeline().generation).await?;
        let is_new_timeline = timeline != *snapshot.timeline();
        if is_new_timeline {
            let breaks = timeline::breaks(db).await?;
            let known = &snapshot.timeline().epoch;
            if !known.is_empty() && !breaks.iter().any(|it| *it.epoch == **known) {
                return self.rerecord_break(&timeline).await;
            }
            self.keep_first_common(breaks);
        }
        snapshot.set_timeline(timeline);
        if snapshot.seq() > before || is_new_timeline {
            self.publish(snapshot);
        }
        self.caught_up(begun);
        Ok(())
    }

    fn caught_up(&self, begun: Instant) {
        let mut caught_up_at = lock(&self.shared.caught_up_at);
        *caught_up_at = begun.max(*caught_up_at);
    }

    pub(super) fn publish(&self, snapshot: Snapshot) {
        let _publishing = self.shared.publishing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let current = self.shared.snapshot.load();
        let order = |snapshot: &Snapshot| {
            let timeline = snapshot.timeline();
            (timeline.generation, snapshot.seq(), timeline.last_break)
        };
        if order(&snapshot) > order(&current) {
            let position = (snapshot.timeline().generation, snapshot.seq());
            self.shared.snapshot.store(Arc::new(snapshot));
            self.shared.position.send_replace(position);
        }
    }
}

fn lock(instant: &Mutex<Instant>) -> MutexGuard<'_, Instant> {
    instant.lock().unwrap_or_else(PoisonError::into_inner)
}
