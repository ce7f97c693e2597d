//! Proof that nobody altered the log behind the registry's back, and that the tables say what it says.

use anyhow::Result;
use entities::change;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::hash;
use crate::{
    database::{begin_read, detached},
    snapshot::{self, Record, Snapshot},
};

use super::Registry;

const BATCH: u64 = 5_000;

/// What a check of the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain holds and the tables agree with it.
    Sound {
        /// Number of changes.
        changes: i64,
    },
    /// The chain breaks at this change: it, or one before it, was altered or removed.
    Broken {
        /// Place in the log.
        seq: i64,
    },
    /// The tables differ from the log in this subject.
    Differs {
        /// The subject, such as `Page 42`.
        subject: String,
    },
}

/// Checks the whole log and compares what it tells with the tables.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(registry: &Registry, progress: impl Fn(i64) + Send + 'static) -> Result<Verdict> {
    let database = registry.database().clone();
    let loaded = snapshot::load(&database).await?;
    detached(async move {
        let transaction = begin_read(&database).await?;
        let mut replayed = Snapshot::default();
        let mut sealed = Vec::new();
        while replayed.seq() < loaded.seq() {
            let changes = change::Entity::find().filter(change::Column::Seq.gt(replayed.seq()));
            let changes = changes.order_by_asc(change::Column::Seq).limit(BATCH).all(&transaction).await?;
            if changes.is_empty() {
                return Ok(Verdict::Broken { seq: replayed.seq() + 1 });
            }
            for change in changes.iter().take_while(|change| change.seq <= loaded.seq()) {
                sealed = hash::seal(&sealed, change);
                if change.seq != replayed.seq() + 1 || sealed != change.hash {
                    return Ok(Verdict::Broken { seq: change.seq });
                }
                replayed.apply(Record::parse(change.subject_type, &change.after)?)?;
                replayed.advance(change.seq);
            }
            progress(replayed.seq());
        }
        Ok(match replayed.first_difference(&loaded) {
            Some(subject) => Verdict::Differs { subject },
            None => Verdict::Sound { changes: loaded.seq() },
        })
    })
    .await
}
