//! Records of a source that come back with it: those that an undo hid, and organizations that were gone from its list.
//!
//! What a reviewer rejected or withdrew stays so: only the change log tells one from the other.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use entities::{
    change::{self, SubjectType},
    organization::Status,
    page::Lifecycle,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{removal, undo};
use crate::{
    change::Registry,
    snapshot::{Snapshot, Subject},
};

/// Subjects of one statement.
const BATCH: usize = 500;

/// Hidden records of a source that its next file brings back.
pub(super) async fn returning(
    registry: &Registry,
    snapshot: &Snapshot,
    source: &str,
) -> Result<HashSet<Subject>> {
    let pages = snapshot.pages().values();
    let pages =
        pages.filter(|it| *it.source == *source && it.lifecycle == Lifecycle::Rejected).map(|it| it.id);
    let hidden = |status| matches!(status, Status::Withdrawn | Status::Suspended);
    let organizations = snapshot.organizations().values();
    let organizations = organizations.filter(|it| *it.source == *source && hidden(it.status)).map(|it| it.id);
    let mut found = HashSet::new();
    for (kind, ids) in
        [(SubjectType::Page, pages.collect::<Vec<_>>()), (SubjectType::Organization, organizations.collect())]
    {
        for ids in ids.chunks(BATCH) {
            let last = last_changes(registry, kind, ids).await?;
            let came_so = |(actor, reason): &(String, Option<String>)| {
                undo::is_undo(actor) || reason.as_deref() == Some(removal::REASON)
            };
            found.extend(last.into_iter().filter(|(_, last)| came_so(last)).map(|(id, _)| (kind, id)));
        }
    }
    Ok(found)
}

/// Actor and reason of the last change of each subject.
async fn last_changes(
    registry: &Registry,
    kind: SubjectType,
    ids: &[i64],
) -> Result<HashMap<i64, (String, Option<String>)>> {
    use change::Column::{Actor, Reason, Seq, SubjectId, SubjectType as Type};
    let changes = change::Entity::find().select_only().columns([SubjectId, Actor, Reason]);
    let changes =
        changes.filter(Type.eq(kind)).filter(SubjectId.is_in(ids.iter().copied())).order_by_asc(Seq);
    let changes: Vec<(i64, String, Option<String>)> =
        changes.into_tuple().all(&registry.database().read).await?;
    Ok(changes.into_iter().map(|(id, actor, reason)| (id, (actor, reason))).collect())
}
