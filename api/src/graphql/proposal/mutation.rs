//! Decisions on proposals.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use registry::{
    change_log::Registry,
    global_id,
    model::{self, Scope},
    provenance::{self, Decision, DecisionError},
    view::View,
};

use super::object::Proposal;
use crate::graphql::{
    error::{Error, Result},
    kit::{
        scalar::SafeInt,
        sequential::SequentialObject,
        write::{BasisFault, EvidenceInput, write_request},
    },
};

/// Proposal to decide.
#[derive(InputObject)]
pub struct ProposalDecisionInput {
    /// Global id of the proposal.
    pub id: ID,
    /// Why, 1 to 500 characters; kept with the change.
    pub reason: String,
    /// What it is based on; kept with the change.
    pub evidence: Option<EvidenceInput>,
    /// Sequence number at which the page or organization was read: if it was changed later, the error is `CONFLICT`.
    pub if_seq: Option<SafeInt>,
}

/// Code of an error in the decision on a proposal.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalDecisionErrorCode {
    /// There is no such proposal.
    NotFound,
    /// The subject is of another platform, organization or territory, or the source of the field outranks the key.
    NotAllowed,
    /// The proposal is not open; the payload has its state.
    AlreadyDecided,
    /// The proposed value cannot be taken; the message says why.
    InvalidValue,
    /// The page or organization was changed after `ifSeq`; the payload has the present state.
    Conflict,
    /// The reason is blank, too long, or has control characters.
    InvalidReason,
    /// The evidence has an invalid address, number or date.
    InvalidEvidence,
}

/// Error in the decision on a proposal.
#[derive(Clone, SimpleObject)]
pub struct ProposalDecisionError {
    /// Stable code of the error.
    pub code: ProposalDecisionErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl ProposalDecisionError {
    fn new(code: ProposalDecisionErrorCode, message: String, field: &str) -> Self {
        Self { code, message, field: vec!["input".into(), field.into()] }
    }
}

impl From<DecisionError> for ProposalDecisionError {
    fn from(error: DecisionError) -> Self {
        use ProposalDecisionErrorCode as Code;
        let code = match error {
            DecisionError::NotFound => Code::NotFound,
            DecisionError::NotAllowed => Code::NotAllowed,
            DecisionError::AlreadyDecided(_) => Code::AlreadyDecided,
            DecisionError::InvalidValue(_) => Code::InvalidValue,
            DecisionError::Conflict(_) => Code::Conflict,
        };
        Self::new(code, error.message(), error.input_field())
    }
}

impl From<BasisFault> for ProposalDecisionError {
    fn from(BasisFault { field, message }: BasisFault) -> Self {
        let code = match field {
            "reason" => ProposalDecisionErrorCode::InvalidReason,
            _ => ProposalDecisionErrorCode::InvalidEvidence,
        };
        Self::new(code, message, field)
    }
}

/// Result of a decision on a proposal.
pub struct ProposalPayload {
    view: View,
    proposal: Option<Arc<model::Proposal>>,
    seq: Option<i64>,
    error: Option<ProposalDecisionError>,
}

/// Result of a decision on a proposal.
#[Object]
impl ProposalPayload {
    /// The proposal in its present state; null if there are `userErrors` other than `ALREADY_DECIDED`, `INVALID_VALUE`
    /// and `CONFLICT`.
    async fn proposal(&self) -> Option<SequentialObject<Proposal<'_>>> {
        self.proposal.clone().map(|record| SequentialObject(Proposal::new(&self.view, record)))
    }

    /// Sequence number of the change log with the decision; null if there are `userErrors`.
    async fn seq(&self) -> Option<SafeInt> {
        self.seq.map(SafeInt)
    }

    /// Why the proposal was not decided; at most one.
    async fn user_errors(&self) -> Vec<ProposalDecisionError> {
        self.error.iter().cloned().collect()
    }
}

/// Mutations of proposals.
#[derive(Default)]
pub struct ProposalMutation;

#[Object]
impl ProposalMutation {
    /// Takes the proposed value, as an import would have; its source becomes that of the field, and imports may
    /// overwrite it again. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn proposal_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Proposal to accept.")] input: ProposalDecisionInput,
    ) -> Result<ProposalPayload> {
        decide(ctx, input, Decision::Accept).await
    }

    /// Keeps the registry's value; the same value of the same source is not proposed again. Requires a key with the
    /// scope `registry:write`, else `FORBIDDEN`.
    async fn proposal_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Proposal to reject.")] input: ProposalDecisionInput,
    ) -> Result<ProposalPayload> {
        decide(ctx, input, Decision::Reject).await
    }
}

async fn decide(
    ctx: &Context<'_>,
    input: ProposalDecisionInput,
    decision: Decision,
) -> Result<ProposalPayload> {
    let ProposalDecisionInput { id, reason, evidence, if_seq } = input;
    let registry = ctx.data_unchecked::<Registry>();
    let request = match write_request(ctx, Scope::Write, &reason, evidence, if_seq)? {
        Ok(request) => request,
        Err(fault) => {
            let view = View::new(registry.snapshot(), Default::default());
            return Ok(ProposalPayload { view, proposal: None, seq: None, error: Some(fault.into()) });
        }
    };
    let viewer = request.author.viewer();
    // No proposal has the number 0.
    let id = global_id::key("Proposal", &id).unwrap_or_default();
    let outcome = provenance::decide(registry, request, id, decision).await.map_err(Error::from)?;
    let snapshot = registry.snapshot();
    let (seq, error) = match outcome {
        Ok(written) => (Some(written.seq), None),
        Err(error) => (None, Some(error)),
    };
    let is_hidden = matches!(error, Some(DecisionError::NotFound | DecisionError::NotAllowed));
    let proposal = snapshot.proposals().get(&id).filter(|_| !is_hidden).cloned();
    Ok(ProposalPayload { view: View::new(snapshot, viewer), proposal, seq, error: error.map(Into::into) })
}
