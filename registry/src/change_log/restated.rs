//! Records that a change of an organization changes, too: those that name it, and its pages, which are in its territory.
//!
//! Each of them gets a change of its own, so that readers who follow only pages, or one territory, miss nothing.

use std::collections::BTreeSet;

use super::disclosure::Before;
use crate::{
    model::{Organization, Page, Record},
    snapshot::Snapshot,
};

/// A record to write again, with its visibility and its territory before: everyone sees what is restated.
pub(super) struct Restated {
    pub(super) record: Record,
    pub(super) reason: String,
    pub(super) before: Before,
}

/// Records to write again after this new state of an organization, which the snapshot does not have yet.
pub(super) fn restated(snapshot: &Snapshot, after: &Organization) -> Vec<Restated> {
    let difference = Difference::between(snapshot.organization(after.id).map(|before| &**before), after);
    if difference.is_none() {
        return Vec::new();
    }
    let pages = snapshot.pages_of(after.id).filter_map(|page| {
        let reason = difference.reason_of_page(snapshot, page, after)?;
        Some((Record::Page(page.clone()), reason))
    });
    let mut known = BTreeSet::new();
    let referring = snapshot.organizations_referring_to(after.id).filter(|it| known.insert(it.id));
    let organizations = referring.filter_map(|organization| {
        let what = difference.what(organization.is_public(), false)?;
        let reason = format!("its {} {what}", relation(organization, after.id));
        Some((Record::Organization(organization.clone()), reason))
    });
    let records = pages.chain(organizations).map(|(record, reason)| Restated {
        before: Before {
            is_public: snapshot.is_public(&record),
            territory_id: snapshot.territory_of_subject(&record),
            is_unseen: false,
        },
        record,
        reason,
    });
    records.collect()
}

/// How an organization refers to another.
fn relation(organization: &Organization, to: i64) -> &'static str {
    match () {
        () if organization.parent_id == Some(to) => "parent",
        () if organization.founder_id == Some(to) => "founder",
        () => "successor",
    }
}

/// How two states of an organization differ in what other records take from it.
struct Difference {
    was_public: bool,
    is_public: bool,
    has_other_code: bool,
    has_other_territory: bool,
}

impl Difference {
    fn between(before: Option<&Organization>, after: &Organization) -> Self {
        Self {
            was_public: before.is_some_and(Organization::is_public),
            is_public: after.is_public(),
            has_other_code: before.is_some_and(|before| before.code != after.code),
            has_other_territory: before.is_some_and(|before| before.territory_id != after.territory_id),
        }
    }

    fn is_none(&self) -> bool {
        self.was_public == self.is_public && !self.has_other_code && !self.has_other_territory
    }

    /// What a record is written again for; `None` if nothing changes in it. Pages take the territory of their owner.
    fn what(&self, is_shown: bool, takes_territory: bool) -> Option<&'static str> {
        match (self.was_public, self.is_public) {
            (true, false) if is_shown => Some("is no longer public"),
            (false, true) if is_shown => Some("is public again"),
            // What changes in a hidden organization must change nothing that everyone sees.
            (false, false) if is_shown => None,
            _ if self.has_other_code => Some("has another code"),
            _ if self.has_other_territory && takes_territory => Some("is in another territory"),
            _ => None,
        }
    }

    fn reason_of_page(&self, snapshot: &Snapshot, page: &Page, owner: &Organization) -> Option<String> {
        let is_owner = page.owner_id == owner.id;
        // A page is shown or hidden together with its owner.
        let is_shown = snapshot.is_shown(page.id) || (is_owner && self.is_public && page.is_public());
        let what = self.what(is_shown, is_owner)?;
        Some(format!("its {} {what}", if is_owner { "owner" } else { "co-owner" }))
    }
}
