//! Lists of proposals, of the subjects that an author reaches.

use std::sync::Arc;

use entities::{change::SubjectType, proposal::State};

use crate::{author::Author, model::Proposal, snapshot::Snapshot, view::View};

/// Conditions that proposals must meet; an empty one holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ProposalFilter {
    pub states: Vec<State>,
    pub source: Option<Box<str>>,
    pub subject: Option<(SubjectType, i64)>,
}

/// Proposals in a view, the oldest first, for pages and organizations that the author reaches; none if it does not see
/// drafts.
pub fn visible_proposals<'a>(
    view: &'a View,
    author: &Author,
    filter: &ProposalFilter,
) -> Vec<&'a Arc<Proposal>> {
    if !view.viewer().is_reviewer() {
        return Vec::new();
    }
    let snapshot = view.snapshot();
    let is_asked_for = |proposal: &Proposal| {
        (filter.states.is_empty() || filter.states.contains(&proposal.state))
            && filter.source.as_ref().is_none_or(|source| *source == proposal.source)
            && filter.subject.is_none_or(|subject| subject == proposal.subject())
    };
    let found = snapshot.proposals().values().filter(|it| is_asked_for(it));
    found.filter(|it| reaches(snapshot, author, it)).collect()
}

fn reaches(snapshot: &Snapshot, author: &Author, proposal: &Proposal) -> bool {
    match proposal.subject_type {
        SubjectType::Page => {
            snapshot.page(proposal.subject_id).is_some_and(|page| author.reaches_page(snapshot, page))
        }
        _ => snapshot
            .organization(proposal.subject_id)
            .is_some_and(|organization| author.reaches_organization(snapshot, organization)),
    }
}
