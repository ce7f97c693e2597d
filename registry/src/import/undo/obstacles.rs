//! Reasons why a subject cannot be restored.

use entities::{organization::Status, page::Lifecycle};

use super::Written;
use crate::{
    change_log::ChangeSet,
    model::{Organization, Page, Record},
    snapshot::MAX_DEPTH,
    snapshot::Snapshot,
};

/// Why a subject cannot be undone, if it cannot.
pub(super) fn obstacle(change_set: &ChangeSet, written: &Written) -> Option<String> {
    let (snapshot, before, after) = (change_set.snapshot(), &written.before, &written.after);
    if written.is_interleaved {
        return Some("it was changed by others while it was imported".into());
    }
    if !written.is_parked && change_set.would_change(after) {
        return Some("it was changed after the import".into());
    }
    match (before, after) {
        (None, Record::Organization(organization)) => stands_on(snapshot, organization),
        (Some(Record::Page(before)), _) => {
            taken(snapshot, before).or_else(|| hidden(snapshot, before.owner_id, "its owner would be"))
        }
        (Some(Record::Organization(before)), _) => {
            let up = |id: i64| snapshot.organization(id)?.parent_id;
            let parent = before.parent_id;
            let hidden = parent.and_then(|parent| hidden(snapshot, parent, "its parent would be"));
            hidden.or_else(|| below_itself(before.id, parent, up)).or_else(|| recoded(snapshot, before))
        }
        (Some(Record::Territory(before)), _) => {
            below_itself(before.id, before.parent_id, |id| snapshot.territory(id)?.parent_id)
        }
        _ => None,
    }
}

/// Another organization that now has the code of an organization to be restored.
fn recoded(snapshot: &Snapshot, before: &Organization) -> Option<String> {
    let other = snapshot.organizations_with_code(&before.code).find(|it| it.id != before.id)?;
    Some(format!("“{}” now has its code `{}`", other.name, before.code))
}

/// An organization that was withdrawn since, which can be no owner or parent.
fn hidden(snapshot: &Snapshot, id: i64, relation: &str) -> Option<String> {
    let organization = snapshot.organization(id).filter(|it| it.status == Status::Withdrawn)?;
    Some(format!("{relation} “{}” ({}), which was withdrawn", organization.name, organization.code))
}

/// A parent that would be a descendant, because of later changes.
fn below_itself(id: i64, parent: Option<i64>, up: impl Fn(i64) -> Option<i64>) -> Option<String> {
    let mut above = std::iter::successors(parent, |here| up(*here)).take(MAX_DEPTH + 1);
    above.any(|here| here == id).then(|| "it would be its own ancestor".to_owned())
}

/// A page or organization that refers to an organization to be hidden.
fn stands_on(snapshot: &Snapshot, organization: &Organization) -> Option<String> {
    let page = snapshot.pages_of(organization.id).find(|page| page.lifecycle != Lifecycle::Rejected);
    if let Some(page) = page {
        return Some(format!("the page “{}” belongs to it", page.title));
    }
    let mut referring = snapshot.organizations_referring_to(organization.id);
    let other = referring.find(|it| it.status != Status::Withdrawn)?;
    Some(format!("“{}” ({}) refers to it", other.name, other.code))
}

/// Another page that now has the native id or handle of a page to be restored.
fn taken(snapshot: &Snapshot, before: &Page) -> Option<String> {
    if !before.is_live() {
        return None;
    }
    let by_id = before.native_id.as_ref().and_then(|id| snapshot.page_by_native_id(before.platform_id, id));
    let by_handle =
        before.handle.as_ref().and_then(|handle| snapshot.page_by_handle(before.platform_id, handle));
    let other = by_id.into_iter().chain(by_handle).find(|page| page.is_live() && page.id != before.id)?;
    Some(format!("the page “{}” now has its handle or id", other.title))
}
