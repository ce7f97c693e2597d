//! The registry of this process: its snapshot, its writes, its place in the log.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::{append, draft::Draft, follow, writing::Writing};
use crate::{
    database::{self, Database},
    snapshot::{self, Snapshot},
};

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
    seq: watch::Sender<i64>,
    /// Hash of the first change.
    identity: OnceLock<Vec<u8>>,
    /// When the snapshot was known to be the log's last state.
    caught_up_at: Mutex<Instant>,
}

impl Registry {
    /// Loads the registry that the database holds.
    ///
    /// # Errors
    /// When the database does not answer, or holds what it should not.
    pub async fn open(database: Database) -> Result<Self> {
        let snapshot = snapshot::load(&database).await?;
        let seq = watch::Sender::new(snapshot.seq());
        let shared = Shared {
            database,
            snapshot: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
            seq,
            identity: OnceLock::new(),
            caught_up_at: Mutex::new(Instant::now()),
        };
        let registry = Self { shared: Arc::new(shared) };
        registry.identify().await?;
        Ok(registry)
    }

    /// Keeps the snapshot in step with the log, for as long as the answered task runs.
    pub fn follow(&self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(follow::follow(self.clone()))
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// What tells the registry apart from all others: the hash of its first change. None before that.
    pub fn identity(&self) -> Option<&[u8]> {
        self.shared.identity.get().map(Vec::as_slice)
    }

    async fn identify(&self) -> Result<()> {
        if self.shared.identity.get().is_none()
            && let Some(hash) = append::first_hash(&self.shared.database.follow).await?
        {
            let _ = self.shared.identity.set(hash);
        }
        Ok(())
    }

    /// Database that the registry lives in.
    pub fn database(&self) -> &Database {
        &self.shared.database
    }

    /// How long ago the snapshot was known to be the log's last state.
    pub fn lag(&self) -> Duration {
        lock(&self.shared.caught_up_at).elapsed()
    }

    /// Waits until the snapshot has reached `seq`.
    pub async fn reached(&self, seq: i64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.shared.seq.subscribe().wait_for(|current| *current >= seq).await;
    }

    /// Writes to the registry: `rules` decide on the state at the log's head, and all that they put is
    /// committed together with its changes, or not at all. Answers once this process's snapshot holds it.
    ///
    /// # Errors
    /// Those of `rules` and of the database; nothing is then written.
    pub async fn write<T, F>(&self, actor: &str, rules: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Draft) -> Result<T> + Send + 'static,
    {
        let (registry, actor) = (self.clone(), actor.to_owned());
        database::detached(async move {
            let mut writing = Writing::begin(&registry, &actor).await?;
            let answer = rules(writing.draft())?;
            writing.commit().await?;
            Ok(answer)
        })
        .await
    }

    /// Takes in the changes that others wrote.
    pub(super) async fn catch_up(&self) -> Result<()> {
        let mut snapshot = Snapshot::clone(&self.snapshot());
        let before = snapshot.seq();
        self.identify().await?;
        append::catch_up(&self.shared.database.follow, &mut snapshot).await?;
        *lock(&self.shared.caught_up_at) = Instant::now();
        if snapshot.seq() > before {
            self.publish(snapshot);
        }
        Ok(())
    }

    pub(super) fn publish(&self, snapshot: Snapshot) {
        let _publishing = self.shared.publishing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if snapshot.seq() > self.shared.snapshot.load().seq() {
            let seq = snapshot.seq();
            self.shared.snapshot.store(Arc::new(snapshot));
            self.shared.seq.send_replace(seq);
        }
    }
}

fn lock(moment: &Mutex<Instant>) -> MutexGuard<'_, Instant> {
    moment.lock().unwrap_or_else(PoisonError::into_inner)
}
