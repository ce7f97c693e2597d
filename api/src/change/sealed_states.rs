//! What the log sealed last of the subjects of a write. A process takes the tables as it finds them when it starts; where a
//! row was altered behind the log, the next honest write of that subject would seal what was altered with what it changes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use entities::change::SubjectType;
use sea_orm::ConnectionTrait;

use super::{
    draft::DraftedChange,
    past::{States, last_states},
};
use crate::snapshot::Snapshot;

/// Compares the states that drafted changes are made on, in the snapshot `before` them, with those that the log sealed last.
///
/// # Errors
/// When one differs, or the database does not answer.
pub(super) async fn compare(
    db: &impl ConnectionTrait,
    before: &Snapshot,
    changes: &[DraftedChange],
) -> Result<()> {
    let mut ids: BTreeMap<SubjectType, BTreeSet<i64>> = BTreeMap::new();
    for change in changes {
        let (subject_type, id) = (change.after.subject_type(), change.after.id());
        // Of these the snapshot holds no state: their own digests are compared.
        if !matches!(subject_type, SubjectType::Statistics | SubjectType::ImportJob) {
            ids.entry(subject_type).or_default().insert(id);
        }
    }
    for (subject_type, ids) in ids {
        let ids = Vec::from_iter(ids);
        let mut sealed = States::new();
        last_states(db, subject_type, &ids, before.seq(), &mut sealed).await?;
        for id in ids {
            let sealed = sealed.get(&(subject_type, id)).map(|(record, _)| record);
            if before.record(subject_type, id).as_ref() != sealed {
                bail!(
                    "{subject_type:?} {id} is not as the log sealed it: it was altered behind the log. Nothing is written; \
                     run `registry check`, and restore the registry from a backup"
                );
            }
        }
    }
    Ok(())
}
