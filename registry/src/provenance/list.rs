//! Lists of proposals, of the subjects that an author reaches.

use std::sync::Arc;

use entities::{change::SubjectType, proposal::State};

use crate::{
    author::Author,
    model::{Proposal, Scope},
    snapshot::Snapshot,
    view::View,
};

/// Conditions that proposals must meet; an empty one holds for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ProposalFilter {
    pub states: Vec<State>,
    pub source: Option<Box<str>>,
    pub subject: Option<(SubjectType, i64)>,
}

/// Proposals in a view, the oldest first, for pages and organizations that the view shows and the author reaches; none
/// if the author does not review.
pub fn visible_proposals<'a>(
    view: &'a View,
    author: &Author,
    filter: &ProposalFilter,
) -> Vec<&'a Arc<Proposal>> {
    if !author.has(Scope::Review) {
        return Vec::new();
    }
    let snapshot = view.snapshot();
    let is_asked_for = |proposal: &Proposal| {
        (filter.states.is_empty() || filter.states.contains(&proposal.state))
            && filter.source.as_ref().is_none_or(|source| *source == proposal.source)
            && filter.subject.is_none_or(|subject| subject == proposal.subject())
    };
    let found = snapshot.proposals().values().filter(|it| is_asked_for(it));
    found.filter(|it| is_shown(view, it) && reaches(snapshot, author, it)).collect()
}

fn is_shown(view: &View, proposal: &Proposal) -> bool {
    match proposal.subject_type {
        SubjectType::Page => view.page(proposal.subject_id).is_some(),
        _ => view.organization(proposal.subject_id).is_some(),
    }
}

/// Whether the author reaches the subject of a proposal in a snapshot.
pub(super) fn reaches(snapshot: &Snapshot, author: &Author, proposal: &Proposal) -> bool {
    match proposal.subject_type {
        SubjectType::Page => {
            snapshot.page(proposal.subject_id).is_some_and(|page| author.reaches_page(snapshot, page))
        }
        _ => snapshot
            .organization(proposal.subject_id)
            .is_some_and(|organization| author.reaches_organization(snapshot, organization)),
    }
}
