//! Proposals of the values that imports give for pinned fields: at most one open one for each field and source.

use std::sync::Arc;

use anyhow::Result;
use entities::{change::SubjectType, proposal::State};
use serde_json::Value;

use super::{
    dependent::{Dependent, may_be_kept},
    field::{OrganizationFieldName, PageFieldName, RecordField},
    precedence::is_pinned,
};
use crate::{change_log::ChangeSet, model::Proposal, snapshot::Snapshot};

/// What a source gives for a field that it may not overwrite.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) subject: (SubjectType, i64),
    pub(crate) field: &'static str,
    /// Field whose source outranks the import: the field itself, or one that it depends on.
    pub(crate) pinned_by: &'static str,
    /// The value; `None` if it is that of the registry.
    pub(crate) value: Option<Value>,
}

/// Opens a proposal of a value that a source gives, unless the same one is open or was rejected; closes an open one of
/// another value, and one whose value the source no longer gives.
///
/// # Errors
/// When the snapshot cannot apply the proposal.
pub(crate) fn propose(change_set: &mut ChangeSet, source: &str, job_id: i64, given: &Given) -> Result<()> {
    let snapshot = change_set.snapshot();
    let due = match given.subject.0 {
        SubjectType::Page => due::<PageFieldName>(snapshot, given),
        _ => due::<OrganizationFieldName>(snapshot, given),
    };
    let is_of_source = |it: &&Arc<Proposal>| *it.field == *given.field && *it.source == *source;
    let known: Vec<Arc<Proposal>> =
        snapshot.proposals_of(given.subject).filter(is_of_source).cloned().collect();
    let in_state =
        |state: State, value: &Value| known.iter().any(|it| it.state == state && it.proposed == *value);
    if due.as_ref().is_some_and(|due| in_state(State::Open, &due.proposed)) {
        return Ok(());
    }
    for open in known.iter().filter(|it| it.state == State::Open) {
        close(change_set, open, Some(job_id))?;
    }
    let Some(Due { current, proposed }) = due.filter(|due| !in_state(State::Rejected, &due.proposed)) else {
        return Ok(());
    };
    let proposal = Proposal {
        id: change_set.next_proposal_id(),
        subject_type: given.subject.0,
        subject_id: given.subject.1,
        field: given.field.into(),
        current,
        proposed,
        source: source.into(),
        job_id,
        state: State::Open,
        closed_by_job: None,
        decided_by: None,
        created_at: change_set.now(),
        updated_at: change_set.now(),
    };
    change_set.upsert(proposal, None).map(|_| ())
}

/// A value to propose, and the registry's value.
struct Due {
    current: Value,
    proposed: Value,
}

/// The value to propose: it differs from that of the registry, and the field is still pinned.
fn due<F: RecordField>(snapshot: &Snapshot, given: &Given) -> Option<Due> {
    let record = F::find(snapshot, given.subject.1)?;
    let current = F::parse(given.field)?.value(record);
    let proposed = given.value.clone().filter(|value| *value != current)?;
    is_pinned(snapshot, F::parse(given.pinned_by)?, record).then_some(Due { current, proposed })
}

/// Closes an open proposal without a decision.
///
/// # Errors
/// When the snapshot cannot apply it.
pub(super) fn close(change_set: &mut ChangeSet, open: &Proposal, job_id: Option<i64>) -> Result<()> {
    let closed = Proposal { state: State::Superseded, closed_by_job: job_id, ..open.clone() };
    change_set.upsert(closed, None).map(|_| ())
}

/// Takes back what an import has proposed, and opens the proposals that it closed again where they still differ; at
/// most so many at once. Returns their number: 0 when nothing is left.
///
/// # Errors
/// When the snapshot cannot apply a proposal.
pub(crate) fn withdraw(change_set: &mut ChangeSet, job_id: i64, most: usize) -> Result<usize> {
    let find = |snapshot: &Snapshot, is_it: &dyn Fn(&Proposal) -> bool| -> Vec<Arc<Proposal>> {
        snapshot.proposals().values().filter(|it| is_it(it)).take(most).cloned().collect()
    };
    let made = find(change_set.snapshot(), &|it| it.state == State::Open && it.job_id == job_id);
    for open in &made {
        close(change_set, open, None)?;
    }
    if !made.is_empty() {
        return Ok(made.len());
    }
    let closed = find(change_set.snapshot(), &|it| it.closed_by_job == Some(job_id));
    for proposal in &closed {
        let is_due = may_be_open(change_set.snapshot(), proposal);
        let state = if is_due { State::Open } else { State::Superseded };
        change_set.upsert(Proposal { state, closed_by_job: None, ..Proposal::clone(proposal) }, None)?;
    }
    Ok(closed.len())
}

/// Whether a closed proposal may be opened again: its value still differs, and the source has proposed no other one
/// since.
fn may_be_open(snapshot: &Snapshot, proposal: &Proposal) -> bool {
    let mut others = snapshot.proposals_of(proposal.subject());
    let has_other = others
        .any(|it| it.state == State::Open && it.field == proposal.field && it.source == proposal.source);
    let is_due = match proposal.subject_type {
        SubjectType::Page => still_differs::<PageFieldName>(snapshot, proposal),
        _ => still_differs::<OrganizationFieldName>(snapshot, proposal),
    };
    !has_other && is_due
}

fn still_differs<F: Dependent>(snapshot: &Snapshot, proposal: &Proposal) -> bool {
    let Some(field) = F::parse(&proposal.field) else { return false };
    F::find(snapshot, proposal.subject_id).is_some_and(|record| {
        may_be_kept(snapshot, field, record) && field.value(record) != proposal.proposed
    })
}
