//! Verification that the log was not altered, and that the tables match it.

mod figures;
mod jobs;
mod replay;
mod rows;
mod strays;

use std::sync::Arc;

use anyhow::Result;
use sea_orm::DatabaseTransaction;

use self::replay::Replay;
use super::{Receipt, Registry, timeline::hash_at};
use crate::{
    database::{begin_read, detached},
    snapshot,
};

/// Result of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain is intact and the tables match it.
    Sound {
        /// Number of changes.
        changes: i64,
    },
    /// The chain breaks at this change: it, or one before it, was altered or removed.
    Broken {
        /// Sequence number of the change.
        seq: i64,
    },
    /// The tables differ from the log in this subject.
    Differs {
        /// The subject, such as `Page 42`.
        subject: String,
    },
    /// A receipt contradicts the log: changes were removed or rewritten.
    Contradicted {
        /// Sequence number of the receipt.
        seq: i64,
        /// What does not match.
        why: String,
    },
}

/// Compares a stored receipt with the log, whose chain was verified; returns the contradiction, if any.
///
/// # Errors
/// When the database does not answer.
pub async fn prove(registry: &Registry, receipt: &Receipt) -> Result<Option<String>> {
    let identity = registry.identity().unwrap_or_default();
    let hash = hash_at(registry.database(), receipt.seq).await?;
    Ok(match (hash, receipt.is_genuine()) {
        (None, true) if receipt.registry == super::hex(&identity) => {
            Some("the log ends before it: changes were cut off".to_owned())
        }
        (hash, _) => receipt.denial(&identity, &hash.unwrap_or_default()),
    })
}

/// Verifies the whole log and compares it with the tables and the receipts, in one consistent read.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(registry: &Registry, progress: impl Fn(i64) + Send + 'static) -> Result<Verdict> {
    let database = registry.database().clone();
    detached(async move { verify_within(Arc::new(begin_read(&database).await?), progress).await }).await
}

/// The same within an open read transaction. Must be called inside [`detached`].
///
/// # Errors
/// When the database does not answer.
pub async fn verify_within(
    transaction: Arc<DatabaseTransaction>,
    progress: impl Fn(i64) + Send + 'static,
) -> Result<Verdict> {
    let loaded = snapshot::load_within(transaction.clone()).await?;
    let db = &*transaction;
    let mut replay = Replay::default();
    while replay.seq() < loaded.seq() {
        if let Some(fault) = replay.window(db, loaded.seq()).await? {
            return Ok(fault);
        }
        progress(replay.seq());
    }
    if let Some(fault) = rows::receipts_beyond(db, loaded.seq()).await? {
        return Ok(fault);
    }
    let mut difference = replay.first_difference(&loaded);
    for compared in [
        rows::former_keys(db, &replay).await?,
        rows::marks_beyond(db, loaded.seq()).await?,
        figures::latest(db, &replay).await?,
        figures::segments(db, &replay).await?,
        figures::batches(db, &replay).await?,
        jobs::compare(db, &replay).await?,
        strays::find(db).await?,
    ] {
        difference = difference.or(compared);
    }
    Ok(match difference {
        Some(subject) => Verdict::Differs { subject },
        None => Verdict::Sound { changes: loaded.seq() },
    })
}
