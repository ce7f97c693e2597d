//! A value that a source gives for a field which it may not overwrite, for an operator to decide.

use sea_orm::entity::prelude::*;

use crate::change::SubjectType;

crate::closed_set! {
    /// State of the proposal.
    State {
        /// To be decided.
        Open,
        /// An operator took the value.
        Accepted,
        /// An operator kept the registry's value; the same value of the same source is not proposed again.
        Rejected,
        /// Closed without a decision: the source gives another value, or the field is no longer pinned.
        Superseded,
    }
}

/// Row of `proposal`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// A page or an organization.
    pub subject_type: SubjectType,
    pub subject_id: i64,
    /// Name of the field in the API.
    pub field: String,
    /// JSON of the registry's value when the proposal was made.
    pub current_value: String,
    /// JSON of the source's value.
    pub proposed_value: String,
    pub source: String,
    /// Import that made the proposal.
    pub job_id: i64,
    pub state: State,
    /// Import that closed the proposal; undoing it opens the proposal again.
    pub closed_by_job: Option<i64>,
    /// Name of the operator or client that decided.
    pub decided_by: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
