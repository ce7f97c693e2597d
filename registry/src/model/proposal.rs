//! State of a proposal: a value that a source gives for a field which it may not overwrite.

use chrono::{DateTime, Utc};
use entities::{
    change::SubjectType,
    proposal::{Model, State},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{boxed, from_column, owned, to_column};

/// A value that a source gives for a pinned field of a page or an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Proposal {
    pub id: i64,
    /// A page or an organization.
    pub subject_type: SubjectType,
    pub subject_id: i64,
    /// Name of the field in the API.
    pub field: Box<str>,
    /// The registry's value when the proposal was made, as in the record.
    pub current: Value,
    /// The source's value, in the same form.
    pub proposed: Value,
    pub source: Box<str>,
    /// Import that made the proposal.
    pub job_id: i64,
    pub state: State,
    /// Import that closed the proposal; undoing it opens the proposal again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by_job: Option<i64>,
    /// Name of the operator or client that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Box<str>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Proposal {
    /// The page or the organization that the proposal is about.
    pub fn subject(&self) -> (SubjectType, i64) {
        (self.subject_type, self.subject_id)
    }
}

impl TryFrom<Model> for Proposal {
    type Error = anyhow::Error;

    fn try_from(row: Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            field: row.field.into(),
            current: from_column(&row.current_value)?,
            proposed: from_column(&row.proposed_value)?,
            source: row.source.into(),
            job_id: row.job_id,
            state: row.state,
            closed_by_job: row.closed_by_job,
            decided_by: boxed(row.decided_by),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Proposal> for Model {
    fn from(record: &Proposal) -> Self {
        Self {
            id: record.id,
            subject_type: record.subject_type,
            subject_id: record.subject_id,
            field: record.field.to_string(),
            current_value: to_column(&record.current),
            proposed_value: to_column(&record.proposed),
            source: record.source.to_string(),
            job_id: record.job_id,
            state: record.state,
            closed_by_job: record.closed_by_job,
            decided_by: owned(&record.decided_by),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
