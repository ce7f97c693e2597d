//! What a change discloses to everyone: nothing that was hidden from them before it, or is hidden after it.

use entities::change::{Audience, Kind};

use crate::{
    model::{Organization, Page, Record, SourceRank},
    snapshot::Snapshot,
};

/// The subject of a change before it.
#[derive(Clone, Copy)]
pub(super) struct Before {
    pub(super) is_public: bool,
    pub(super) territory_id: Option<i64>,
    /// Whether nothing changes that everyone sees of a public subject.
    pub(super) is_unseen: bool,
}

/// What the log records of a change beside the state after it.
pub(super) struct Disclosed {
    pub(super) audience: Audience,
    pub(super) kind: Kind,
    pub(super) territory_id: Option<i64>,
    pub(super) former_territory_id: Option<i64>,
}

/// What the log records of a change to the state `after`, which the snapshot has: no territory in which the subject was hidden,
/// unless only operators see the change.
pub(super) fn of(snapshot: &Snapshot, before: Before, kind: Kind, after: &Record) -> Disclosed {
    let is_public = snapshot.is_public(after);
    let territory_id = snapshot.territory_of(after);
    let moved_from = before.territory_id.filter(|former| territory_id != Some(*former));
    let (audience, territory_id, former_territory_id) = match (before.is_public, is_public) {
        (true, true) if before.is_unseen => (Audience::Unchanged, territory_id, moved_from),
        (true, true) => (Audience::Public, territory_id, moved_from),
        (false, true) => (Audience::Public, territory_id, None),
        (true, false) => (Audience::Removal, None, before.territory_id),
        (false, false) => (Audience::Internal, territory_id, moved_from),
    };
    let kind = if before.is_public == is_public { kind } else { of_visibility(kind, after, is_public) };
    Disclosed { audience, kind, territory_id, former_territory_id }
}

/// Kind of a change that hides or shows its subject: what else it changes has a hidden state on one side.
fn of_visibility(kind: Kind, after: &Record, is_shown: bool) -> Kind {
    match (after, kind) {
        (Record::Organization(_), Kind::KindChanged) => Kind::StatusChanged,
        // The same kind as for pages that are hidden or shown together with their owner.
        (Record::Page(_), Kind::Moved | Kind::Renamed | Kind::MarkChanged) => Kind::Updated,
        // It was archived or compromised only while it was hidden.
        (Record::Page(_), Kind::Restored) if is_shown => Kind::Registered,
        _ => kind,
    }
}

/// Whether a change to this state alters nothing that everyone sees of a public subject, which the snapshot has in its state
/// before: only references to hidden organizations, what organizations of its kind do not have, or how its code came about.
pub(super) fn is_unseen(snapshot: &Snapshot, after: &Record) -> bool {
    if !snapshot.is_public(after) {
        return false;
    }
    match after {
        Record::Organization(after) => snapshot
            .organization(after.id)
            .is_some_and(|before| organization_seen(snapshot, before) == organization_seen(snapshot, after)),
        Record::Page(after) => snapshot
            .page(after.id)
            .is_some_and(|before| page_seen(snapshot, before) == page_seen(snapshot, after)),
        _ => false,
    }
}

fn organization_seen(snapshot: &Snapshot, organization: &Organization) -> Organization {
    let is_public = |id: &i64| snapshot.public_code(*id).is_some();
    let mut seen = organization.clone();
    seen.code_origin = None;
    // Everyone sees the sources of pinned fields only.
    seen.field_sources.retain(|source| source.rank > SourceRank::Import);
    seen.level = organization.authority_level();
    seen.branch = organization.authority_branch();
    seen.sector = organization.institution_sector().map(Into::into);
    seen.parent_id = seen.parent_id.filter(is_public);
    seen.founder_id = seen.founder_id.filter(is_public);
    seen.successors.retain(is_public);
    seen
}

fn page_seen(snapshot: &Snapshot, page: &Page) -> Page {
    let mut seen = page.clone();
    seen.field_sources.retain(|source| source.rank > SourceRank::Import);
    seen.co_owners.retain(|id| snapshot.public_code(*id).is_some());
    seen
}
