//! GraphQL type of proposals.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object};
use chrono::Utc;
use registry::{model, provenance::proposal_texts, view::View};

use crate::graphql::{
    kit::{
        id,
        scalar::{DateTime, SafeInt},
        sequential::{SequentialObject, resolve_sequentially},
    },
    node::{self, Node},
};

/// State of a proposal.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::proposal::State")]
pub enum ProposalState {
    /// To be decided.
    Open,
    /// The value was taken.
    Accepted,
    /// The value was not taken; the same value of the same source is not proposed again.
    Rejected,
    /// Closed without a decision: the source gives another value, or imports may overwrite the field.
    Superseded,
}

/// Value that an import gives for a field which it may not overwrite.
pub struct Proposal<'a> {
    view: &'a View,
    record: Arc<model::Proposal>,
}

impl<'a> Proposal<'a> {
    /// The proposal in a view.
    pub(super) fn new(view: &'a View, record: Arc<model::Proposal>) -> Self {
        Self { view, record }
    }
}

resolve_sequentially!(Proposal<'_>);

/// Value that an import gives for a field which it may not overwrite.
#[Object]
impl<'a> Proposal<'a> {
    /// Global id of the proposal.
    async fn id(&self) -> ID {
        id::global("Proposal", self.record.id)
    }

    /// Number of the proposal, as in `registry proposals`.
    async fn number(&self) -> SafeInt {
        SafeInt(self.record.id)
    }

    /// Page or organization that the value is for; null if it is no longer visible.
    async fn subject(&self) -> Option<SequentialObject<Node<'a>>> {
        node::of(self.view, self.record.subject_type, self.record.subject_id).map(SequentialObject)
    }

    /// Name of the field in the API, as in `FieldChange.field`.
    async fn field(&self) -> &str {
        &self.record.field
    }

    /// Value of the registry as text, in the form of `FieldChange`: the present one while the proposal is open,
    /// otherwise that of the time when it was made. Null for no value.
    async fn current_value(&self) -> Option<String> {
        proposal_texts(self.view, &self.record).0
    }

    /// Value of the source, in the same form. Null for no value.
    async fn proposed_value(&self) -> Option<String> {
        proposal_texts(self.view, &self.record).1
    }

    /// Name of the source.
    async fn source(&self) -> &str {
        &self.record.source
    }

    /// Number of the import that made the proposal.
    async fn import_number(&self) -> SafeInt {
        SafeInt(self.record.job_id)
    }

    /// State of the proposal.
    async fn state(&self) -> ProposalState {
        self.record.state.into()
    }

    /// Name of the operator or client that decided; null if nobody did.
    async fn decided_by(&self) -> Option<&str> {
        self.record.decided_by.as_deref()
    }

    /// Timestamp of the proposal.
    async fn created_at(&self) -> DateTime {
        DateTime(self.record.created_at)
    }

    /// Timestamp of its last change of state.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.record.updated_at)
    }

    /// Number of whole days since `createdAt`.
    async fn age_days(&self) -> i32 {
        let days = (Utc::now() - self.record.created_at).num_days();
        i32::try_from(days).unwrap_or(i32::MAX)
    }
}
