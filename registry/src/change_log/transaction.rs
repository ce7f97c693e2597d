//! A write transaction of the registry, from lock to commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use chrono::DateTime;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use super::{
    Actor,
    append::{self, Head},
    change_set::ChangeSet,
    clock, follow, job_seal,
    lt_hash::LtHash,
    registry::Registry,
    sealed_states,
};
use crate::{database, model::Record, rollup, snapshot::Snapshot};

/// The exclusive write transaction and its change set. Must be used inside [`database::detached`]; dropping
/// it rolls back.
pub struct WriteTransaction {
    registry: Registry,
    transaction: Arc<DatabaseTransaction>,
    head: Head,
    /// Snapshot at the log's head; boxed, as the change set, because futures hold and move the transaction.
    before: Box<Snapshot>,
    change_set: Box<ChangeSet>,
}

impl WriteTransaction {
    /// Waits for the write lock, and begins with the state at the log's head.
    ///
    /// # Errors
    /// When the database does not answer, another writer holds the lock for too long, or the clocks differ.
    pub async fn begin(registry: &Registry, actor: Actor) -> Result<Self> {
        let transaction = Arc::new(database::begin_write(registry.database()).await?);
        let head = append::head(&*transaction).await?;
        let mut snapshot = Snapshot::clone(&registry.snapshot());
        append::catch_up(&*transaction, &mut snapshot).await?;
        let now = clock::now(&transaction, head.at).await?;
        let change_set = Box::new(ChangeSet::new(snapshot.clone(), actor, now, head.at));
        let before = Box::new(snapshot);
        Ok(Self { registry: registry.clone(), transaction, head, before, change_set })
    }

    /// The change set.
    pub fn change_set(&mut self) -> &mut ChangeSet {
        &mut self.change_set
    }

    /// The transaction and the change set.
    pub fn parts(&mut self) -> (&Arc<DatabaseTransaction>, &mut ChangeSet) {
        (&self.transaction, &mut self.change_set)
    }

    /// Creates the digests of platforms whose statistics are older than digests; `days` are the hashes of
    /// their daily statistics.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_digests(&mut self, days: &BTreeMap<i64, LtHash>) -> Result<()> {
        self.change_set.begin_digests(&self.transaction, days).await
    }

    /// Seals imports from before import seals existed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seal_older_imports(&mut self) -> Result<()> {
        if job_seal::last_import(&*self.transaction).await? > 0 {
            // Older imports were sealed together with the first one.
            return Ok(());
        }
        job_seal::seal_finished(&self.transaction, &mut self.change_set, DateTime::UNIX_EPOCH).await
    }

    /// Appends the change set to the log, commits, and publishes the new snapshot in this process.
    ///
    /// # Errors
    /// When the database rejects it, or a state that it builds on was altered outside the log; nothing is
    /// written then.
    pub async fn commit(self) -> Result<()> {
        self.append().await?.commit().await
    }

    /// Appends the change set to the log, for rows that hold the sequence number and are committed with it.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn append(mut self) -> Result<AppendedTransaction> {
        let begun = Instant::now();
        self.change_set.close_figures(&self.transaction, self.before.segments()).await?;
        self.hide_and_show_figures().await?;
        job_seal::write(&self.transaction, &mut self.change_set, self.head.at).await?;
        sealed_states::compare(&*self.transaction, &self.before, &self.change_set).await?;
        let (seq, hash) = append::append(&self.transaction, &self.change_set, self.head).await?;
        notify(&self.transaction, seq).await?;
        Ok(AppendedTransaction {
            registry: self.registry,
            transaction: self.transaction,
            change_set: self.change_set,
            seq,
            hash,
            begun,
        })
    }
}

impl WriteTransaction {
    /// Moves statistics out of or into the sums for pages that the write hides or shows.
    async fn hide_and_show_figures(&self) -> Result<()> {
        let (before, after) = (&self.before, self.change_set.snapshot());
        let written = self.change_set.changes.iter().filter_map(|change| match &change.after {
            Record::Page(page) if before.figures(page.id).is_some() => Some(page.id),
            _ => None,
        });
        let written: BTreeSet<i64> =
            written.filter(|id| before.is_shown(*id) != after.is_shown(*id)).collect();
        if written.is_empty() {
            return Ok(());
        }
        let (shown, hidden): (Vec<_>, Vec<_>) = written.into_iter().partition(|id| after.is_shown(*id));
        rollup::hide_and_show(&self.transaction, &hidden, &shown, after.segments()).await
    }
}

/// A write transaction whose changes are in the log; dropping it rolls back.
pub struct AppendedTransaction {
    registry: Registry,
    transaction: Arc<DatabaseTransaction>,
    change_set: Box<ChangeSet>,
    seq: i64,
    hash: Vec<u8>,
    begun: Instant,
}

impl AppendedTransaction {
    /// The transaction, and the sequence number of the log after its commit.
    pub fn parts(&self) -> (&DatabaseTransaction, i64) {
        (&*self.transaction, self.seq)
    }

    /// Commits, and publishes the new snapshot in this process.
    ///
    /// # Errors
    /// When the database rejects it; nothing is written then.
    pub async fn commit(self) -> Result<()> {
        let Self { registry, transaction, change_set, seq, hash, begun } = self;
        let appended_ms = begun.elapsed().as_millis();
        let transaction = Arc::into_inner(transaction).context("a write was committed while in use")?;
        transaction.commit().await?;
        registry.is_written(seq, &hash).await?;
        tracing::debug!(seq, appended_ms, total_ms = begun.elapsed().as_millis(), "write committed");
        registry.publish(change_set.into_snapshot(seq, &hash));
        Ok(())
    }
}

/// Notifies the other processes; those that miss it poll.
async fn notify(transaction: &DatabaseTransaction, seq: i64) -> Result<()> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let notify = format!("SELECT pg_notify('{}', '{seq}')", follow::CHANNEL);
        transaction.execute_unprepared(&notify).await?;
    }
    Ok(())
}
