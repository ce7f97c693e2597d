//! Records that an import restores: those hidden by an undo, and those removed because their source no longer had them.
//!
//! Records that a reviewer rejected or withdrew are not restored; only the change log distinguishes them.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use entities::{
    change::{self, SubjectType},
    organization::Status,
    page::Lifecycle,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{removal, undo};
use crate::{change_log::Registry, model::Record, snapshot::Snapshot, view::Subject};

/// Most subjects per SQL statement.
const BATCH: usize = 500;

/// Hidden records that an import of the source restores if a row names them.
pub(super) async fn returning(
    registry: &Registry,
    snapshot: &Snapshot,
    source: &str,
) -> Result<HashSet<Subject>> {
    let pages = snapshot.pages().values().filter(|it| it.lifecycle == Lifecycle::Rejected).map(|it| it.id);
    let organizations = snapshot.organizations().values();
    let organizations = organizations.filter(|it| {
        it.status == Status::Withdrawn || (it.status == Status::Suspended && *it.source == *source)
    });
    let organizations = organizations.map(|it| it.id);
    let mut found = HashSet::new();
    for (kind, ids) in
        [(SubjectType::Page, pages.collect::<Vec<_>>()), (SubjectType::Organization, organizations.collect())]
    {
        for ids in ids.chunks(BATCH) {
            let hidden = hidden_by(registry, kind, ids).await?;
            let came_so = |(actor, reason): &(String, Option<String>)| {
                undo::is_undo(actor) || reason.as_deref() == Some(removal::REASON)
            };
            found.extend(hidden.into_iter().filter(|(_, by)| came_so(by)).map(|(id, _)| (kind, id)));
        }
    }
    Ok(found)
}

/// Actor and reason of the change that hid each subject; no entry for subjects hidden since their first change.
async fn hidden_by(
    registry: &Registry,
    kind: SubjectType,
    ids: &[i64],
) -> Result<HashMap<i64, (String, Option<String>)>> {
    use change::Column::{Actor, After, Reason, Seq, SubjectId, SubjectType as Type};
    let changes = change::Entity::find().select_only().columns([SubjectId, Actor, Reason, After]);
    let changes =
        changes.filter(Type.eq(kind)).filter(SubjectId.is_in(ids.iter().copied())).order_by_asc(Seq);
    let changes: Vec<(i64, String, Option<String>, String)> =
        changes.into_tuple().all(&registry.database().read).await?;
    let mut before: HashMap<i64, Record> = HashMap::new();
    let mut by = HashMap::new();
    for (id, actor, reason, after) in changes {
        let after = Record::parse(kind, &after)?;
        let is_suspended =
            |record: &Record| matches!(record, Record::Organization(it) if it.status == Status::Suspended);
        let is_withdrawn = is_hidden(&after) && !is_suspended(&after);
        let (is_now, before) = (is_hidden(&after), before.insert(id, after));
        // A record hidden since its first change was imported in this state.
        match (before.as_ref().is_none_or(is_hidden), is_now) {
            (false, true) => _ = by.insert(id, (actor, reason)),
            // Imported as suspended, then hidden by an undo.
            (true, true)
                if undo::is_undo(&actor) && is_withdrawn && before.as_ref().is_some_and(is_suspended) =>
            {
                by.insert(id, (actor, reason));
            }
            (_, false) => _ = by.remove(&id),
            (true, true) => {}
        }
    }
    Ok(by)
}

fn is_hidden(record: &Record) -> bool {
    match record {
        Record::Page(page) => page.lifecycle == Lifecycle::Rejected,
        Record::Organization(it) => matches!(it.status, Status::Withdrawn | Status::Suspended),
        _ => false,
    }
}
