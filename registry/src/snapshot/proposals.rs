//! Proposals of values for pinned fields.

use std::sync::Arc;

use entities::change::SubjectType;

use super::{Snapshot, Table, sets::Children};
use crate::model::Proposal;

impl Snapshot {
    /// All proposals, by id.
    pub fn proposals(&self) -> &Table<Proposal> {
        &self.proposals
    }

    /// Proposals for a page or an organization, the oldest first.
    pub fn proposals_of(
        &self,
        (subject_type, id): (SubjectType, i64),
    ) -> impl Iterator<Item = &Arc<Proposal>> {
        let of_subject = match subject_type {
            SubjectType::Page => &self.page_proposals,
            _ => &self.organization_proposals,
        };
        of_subject.ids(id).filter_map(|id| self.proposals.get(&id))
    }

    pub(super) fn apply_proposal(&mut self, new: Arc<Proposal>) {
        let of_subject: &mut Children = match new.subject_type {
            SubjectType::Page => &mut self.page_proposals,
            _ => &mut self.organization_proposals,
        };
        // The subject of a proposal never changes.
        of_subject.set(new.subject_id, new.id, true);
        self.proposals.insert(new.id, new);
    }

    /// Territory of the proposal's subject.
    pub(super) fn territory_of_proposal(&self, proposal: &Proposal) -> Option<i64> {
        let owner_id = match proposal.subject_type {
            SubjectType::Page => self.page(proposal.subject_id)?.owner_id,
            _ => proposal.subject_id,
        };
        self.organization(owner_id)?.territory_id
    }
}
