//! Effects of an organization's status on its pages.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{
    organization::Status,
    page::{Lifecycle, Mark},
};

use crate::{
    model::{Organization, Page, Record},
    snapshot::Snapshot,
};

/// Whether this new state ends the organization's responsibility for its pages.
pub(super) fn ends(snapshot: &Snapshot, after: &Organization) -> bool {
    let before = snapshot.organization(after.id).map(|before| before.status);
    after.status != Status::Active && before.is_some_and(|before| before != after.status)
}

/// The record with invariants applied: only a registered page of an active organization has a confirmed mark.
pub(super) fn allowed(snapshot: &Snapshot, record: Record, at: DateTime<Utc>) -> Record {
    let Record::Page(page) = &record else { return record };
    let is_active =
        || snapshot.organization(page.owner_id).is_some_and(|owner| owner.status == Status::Active);
    if page.mark.state != Mark::Confirmed || (page.lifecycle == Lifecycle::Registered && is_active()) {
        return record;
    }
    let mark = page.mark.in_state(Mark::Lost, at);
    Record::Page(Arc::new(Page { mark, ..Page::clone(page) }))
}

/// Whether this new state resumes the organization's responsibility for its pages.
pub(super) fn begins(snapshot: &Snapshot, after: &Organization) -> bool {
    let before = snapshot.organization(after.id).map(|before| before.status);
    after.status == Status::Active && before.is_some_and(|before| before != Status::Active)
}

/// New states of the pages of an organization that is no longer responsible for them, each with the reason:
/// they move to the successor of a merged organization, and confirmed marks are lost.
pub(super) fn handed_over(snapshot: &Snapshot, id: i64, at: DateTime<Utc>) -> Vec<(Page, String)> {
    let Some(owner) = snapshot.organization(id) else { return Vec::new() };
    // A successor that was merged itself is skipped in favour of its own successor.
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
            page.mark = page.mark.in_state(Mark::Lost, at);
        }
        match successor {
            Some(successor) => {
                page.owner_id = successor.id;
                page.co_owners.retain(|co_owner| *co_owner != successor.id);
                Some((page, format!("its owner was merged into {}", successor.code)))
            }
            None => loses_mark.then(|| (page, "its owner is no longer active".to_owned())),
        }
    });
    changed.collect()
}
