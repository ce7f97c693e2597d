//! What the log sealed last of the subjects of a write. A process takes the tables as it finds them when it starts; where a
//! row was altered behind the log, the next honest write of that subject would seal what was altered with what it changes.

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

/// Compares the states that a change set is made on, in the snapshot `before` it, with those that the log sealed last: of all that it
/// changes, of the owners of pages that it changes, of the client that makes it, and of the methods of ratings that it publishes.
///
/// # Errors
/// When one differs, or the database does not answer.
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

fn subjects(before: &Snapshot, change_set: &ChangeSet) -> Result<BTreeMap<SubjectType, BTreeSet<i64>>> {
    let mut ids: BTreeMap<SubjectType, BTreeSet<i64>> = BTreeMap::new();
    for StagedChange { after, .. } in &change_set.changes {
        // Of these the snapshot holds no state: their own digests are compared.
        if !matches!(after, Record::Statistics(_) | Record::ImportJob(_)) {
            ids.entry(after.subject_type()).or_default().insert(after.id());
        }
        match after {
            Record::Rating(rating) => {
                ids.entry(SubjectType::Methodology).or_default().insert(rating.methodology_id);
            }
            // Its mark and the region of its change follow from its owners.
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
