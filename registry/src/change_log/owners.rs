//! What follows for pages from the state of those who own them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{
    organization::Status,
    page::{Lifecycle, Mark},
};

use crate::{
    model::{MarkState, Organization, Page, Record},
    snapshot::Snapshot,
};

/// Whether an organization stops to answer for its pages by this new state.
pub(super) fn ends(snapshot: &Snapshot, after: &Organization) -> bool {
    let before = snapshot.organization(after.id).map(|before| before.status);
    after.status != Status::Active && before.is_some_and(|before| before != after.status)
}

/// The record as it may be: only a registered page of an active organization has a confirmed mark.
pub(super) fn allowed(snapshot: &Snapshot, record: Record, at: DateTime<Utc>) -> Record {
    let Record::Page(page) = &record else { return record };
    let is_active =
        || snapshot.organization(page.owner_id).is_some_and(|owner| owner.status == Status::Active);
    if page.mark.state != Mark::Confirmed || (page.lifecycle == Lifecycle::Registered && is_active()) {
        return record;
    }
    let mark = MarkState { state: Mark::Lost, at: Some(at), method: page.mark.method.clone() };
    Record::Page(Arc::new(Page { mark, ..Page::clone(page) }))
}

/// Whether an organization begins to answer for pages again by this new state.
pub(super) fn begins(snapshot: &Snapshot, after: &Organization) -> bool {
    let before = snapshot.organization(after.id).map(|before| before.status);
    after.status == Status::Active && before.is_some_and(|before| before != Status::Active)
}

/// Pages of an organization that no longer answers for them, as they are from now on, each with the reason: they pass to
/// the one successor of a merged organization, and lose their mark.
pub(super) fn handed_over(snapshot: &Snapshot, id: i64, at: DateTime<Utc>) -> Vec<(Page, String)> {
    let Some(owner) = snapshot.organization(id) else { return Vec::new() };
    // One that was merged itself has no pages to take; whoever it was merged into has.
    let taker = snapshot.organization(snapshot.takes_pages_of(owner.id));
    let successor = taker.filter(|taker| taker.id != owner.id);
    let changed = snapshot.pages_of(id).filter_map(|page| {
        let mut page = Page::clone(page);
        if page.owner_id != id {
            let successor = successor?;
            page.co_owners.retain(|co_owner| *co_owner != id && *co_owner != successor.id);
            page.co_owners.extend(Some(successor.id).filter(|id| *id != page.owner_id));
            page.co_owners.sort_unstable();
            return Some((page, format!("its co-owner was merged into {}", successor.code)));
        }
        let loses_mark = page.mark.state == Mark::Confirmed;
        if loses_mark {
            page.mark = MarkState { state: Mark::Lost, at: Some(at), ..page.mark };
        }
        match successor {
            Some(successor) => {
                page.owner_id = successor.id;
                page.co_owners.retain(|co_owner| *co_owner != successor.id);
                Some((page, format!("its owner was merged into {}", successor.code)))
            }
            None => loses_mark.then(|| (page, "its owner no longer answers for it".to_owned())),
        }
    });
    changed.collect()
}
