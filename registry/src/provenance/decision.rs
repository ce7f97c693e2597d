//! Decisions on proposals.

use std::sync::Arc;

use anyhow::Result;
use entities::{change::SubjectType, proposal::State};

use super::{
    assign,
    field::{OrganizationFieldName, PageFieldName, RecordField},
    list::reaches,
    pin::close_unpinned,
    precedence::Precedence,
    propose::close,
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{Conflict, WriteRequest, Written, write_once},
    model::{Proposal, rank_of},
    snapshot::Snapshot,
    view::View,
};

/// Decision on a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Take the proposed value; its source becomes that of the field, which imports may overwrite again.
    Accept,
    /// Keep the registry's value; the same value of the same source is not proposed again.
    Reject,
}

/// Why a proposal was not decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionError {
    /// There is no such proposal that the author may see.
    NotFound,
    /// The author does not reach the subject, or would not with the value, or the field's source outranks the author.
    NotAllowed,
    /// The proposal is closed.
    AlreadyDecided(State),
    /// The value cannot be taken, and why.
    InvalidValue(String),
    /// The subject has a later change than the author has read: its sequence number.
    Conflict(i64),
}

impl DecisionError {
    /// What is wrong, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::NotFound => "There is no such proposal; `proposals` lists all.".into(),
            Self::NotAllowed => {
                "The key may not decide this: the subject is of another platform, organization or territory, \
                or the source of the field outranks the key."
                    .into()
            }
            Self::AlreadyDecided(state) => {
                format!(
                    "The proposal is {} already; only open proposals are decided.",
                    state.name().to_lowercase()
                )
            }
            Self::InvalidValue(why) => format!("{why} Correct the field, or reject the proposal."),
            Self::Conflict(seq) => format!("The subject has a later change, {seq}; read it again."),
        }
    }

    /// Field of the input that the error is about.
    pub fn input_field(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "ifSeq",
            _ => "id",
        }
    }
}

impl From<Conflict> for DecisionError {
    fn from(Conflict { seq }: Conflict) -> Self {
        Self::Conflict(seq)
    }
}

/// Decides on a proposal; returns its id.
///
/// # Errors
/// As [`write_once`].
pub async fn decide(
    registry: &Registry,
    request: WriteRequest,
    id: i64,
    decision: Decision,
) -> Result<Result<Written<i64>, DecisionError>> {
    write_once(
        registry,
        request,
        // What the author may not decide is refused by the rules: a conflict would tell of it.
        move |snapshot, author| Some(may_decide(snapshot, author, id).ok()?.subject()),
        move |change_set, author| decided(change_set, author, id, decision),
    )
    .await
}

fn decided(
    change_set: &mut ChangeSet,
    author: &Author,
    id: i64,
    decision: Decision,
) -> Result<Result<i64, DecisionError>> {
    let proposal = match may_decide(change_set.snapshot(), author, id) {
        Ok(proposal) => proposal,
        Err(error) => return Ok(Err(error)),
    };
    let state = match decision {
        Decision::Reject => State::Rejected,
        Decision::Accept => {
            if let Err(fault) = assign::write(change_set, &proposal)? {
                return Ok(Err(DecisionError::InvalidValue(fault)));
            }
            // The value may lead the subject out of the author's reach.
            if !reaches(change_set.snapshot(), author, &proposal) {
                return Ok(Err(DecisionError::NotAllowed));
            }
            close_others(change_set, &proposal)?;
            State::Accepted
        }
    };
    let decided_by = Some(author.name().into());
    change_set.upsert(Proposal { state, decided_by, ..Proposal::clone(&proposal) }, None)?;
    if decision == Decision::Accept {
        // The field is no longer pinned, nor are those that depend on it.
        match proposal.subject_type {
            SubjectType::Page => close_unpinned::<PageFieldName>(change_set, proposal.subject_id)?,
            _ => close_unpinned::<OrganizationFieldName>(change_set, proposal.subject_id)?,
        }
    }
    Ok(Ok(id))
}

/// The open proposal, if the author may decide on it.
fn may_decide(snapshot: &Snapshot, author: &Author, id: i64) -> Result<Arc<Proposal>, DecisionError> {
    let proposal = snapshot.proposals().get(&id).ok_or(DecisionError::NotFound)?;
    let view = View::new(Arc::new(snapshot.clone()), author.viewer());
    let (is_seen, is_reached, is_outranked) = match proposal.subject_type {
        SubjectType::Page => {
            let page = snapshot.page(proposal.subject_id).ok_or(DecisionError::NotFound)?;
            let is_reached = author.reaches_page(snapshot, page);
            (view.page(page.id).is_some(), is_reached, outranks::<PageFieldName>(snapshot, proposal, author))
        }
        _ => {
            let known = snapshot.organization(proposal.subject_id).ok_or(DecisionError::NotFound)?;
            let is_reached = author.reaches_organization(snapshot, known);
            let is_outranked = outranks::<OrganizationFieldName>(snapshot, proposal, author);
            (view.organization(known.id).is_some(), is_reached, is_outranked)
        }
    };
    match proposal.state {
        _ if !is_seen => Err(DecisionError::NotFound),
        _ if !is_reached || is_outranked => Err(DecisionError::NotAllowed),
        State::Open => Ok(proposal.clone()),
        state => Err(DecisionError::AlreadyDecided(state)),
    }
}

/// Whether the source of the proposal's field outranks the author.
fn outranks<F: RecordField>(snapshot: &Snapshot, proposal: &Proposal, author: &Author) -> bool {
    let (Some(field), Some(record)) = (F::parse(&proposal.field), F::find(snapshot, proposal.subject_id))
    else {
        return false;
    };
    let rank = rank_of(F::sources(record), field.name());
    Precedence::of(snapshot).outranks(field, rank, author.rank())
}

/// Closes the open proposals of other sources for the field: their next import writes its value itself.
fn close_others(change_set: &mut ChangeSet, accepted: &Proposal) -> Result<()> {
    let of_subject = change_set.snapshot().proposals_of(accepted.subject());
    let is_other =
        |it: &&Arc<Proposal>| it.state == State::Open && it.field == accepted.field && it.id != accepted.id;
    let others: Vec<Arc<Proposal>> = of_subject.filter(is_other).cloned().collect();
    others.iter().try_for_each(|other| close(change_set, other, None))
}
