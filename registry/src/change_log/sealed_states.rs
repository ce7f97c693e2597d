//! States last sealed in the log, of the subjects of a write. A process loads the tables unverified; without
//! this check, a row altered outside the log would be sealed by the next legitimate write of its subject.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use entities::change::SubjectType;
use sea_orm::ConnectionTrait;

use super::{
    Actor,
    as_of::{States, last_states},
    change_set::{ChangeSet, StagedChange},
};
use crate::{model::Record, snapshot::Snapshot};

/// Compares the states in the snapshot `before` a write with the last states in the log: of all subjects that
/// the change set writes, of the owners of these pages, of the acting client, and of the methodologies of
/// published ratings.
///
/// # Errors
/// When a state differs, or the database does not answer.
pub(super) async fn compare(
    db: &impl ConnectionTrait,
    before: &Snapshot,
    change_set: &ChangeSet,
) -> Result<()> {
    for (subject_type, ids) in subjects(before, change_set)? {
        let ids = Vec::from_iter(ids);
        let mut sealed = States::new();
        last_states(db, subject_type, &ids, before.seq(), &mut sealed).await?;
        for id in ids {
            let sealed = sealed.get(&(subject_type, id)).map(|state| &state.record);
            if before.record(subject_type, id).as_ref() != sealed {
                bail!(
                    "{subject_type:?} {id} differs from its state in the change log: it was altered outside the log. Nothing was \
                     written; run `registry check`, and restore the registry from a backup"
                );
            }
        }
    }
    Ok(())
}

fn subjects(before: &Snapshot, change_set: &ChangeSet) -> Result<BTreeMap<SubjectType, BTreeSet<i64>>> {
    let mut ids: BTreeMap<SubjectType, BTreeSet<i64>> = BTreeMap::new();
    for StagedChange { after, .. } in &change_set.changes {
        // These are not in the snapshot; their digests are compared elsewhere.
        if !matches!(after, Record::Statistics(_) | Record::ImportJob(_)) {
            ids.entry(after.subject_type()).or_default().insert(after.id());
        }
        match after {
            Record::Rating(rating) => {
                ids.entry(SubjectType::Methodology).or_default().insert(rating.methodology_id);
            }
            // Owners determine the mark and the territory of the change.
            Record::Page(page) => {
                let before = before.page(page.id).map(|page| page.owner_id);
                let owners = before.into_iter().chain([page.owner_id]).chain(page.co_owners.iter().copied());
                ids.entry(SubjectType::Organization).or_default().extend(owners);
            }
            _ => {}
        }
    }
    if let (false, Actor::Client(name)) = (change_set.changes.is_empty(), &change_set.actor) {
        let client = before.client_by_name(name);
        let client = client.with_context(|| format!("the registry has no client {name}"))?;
        ids.entry(SubjectType::Client).or_default().insert(client.id);
    }
    Ok(ids)
}
