//! Submission of statistics by partners.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::submitted_row::SentRow;
pub use crate::statistics::{Outcome, Recorded, Rejection};
use crate::{
    change_log::{Actor, Registry},
    idempotency::IdempotentCall,
    model::{Client, Reach},
    statistics::{self, Sender},
    view::{View, Viewer},
};

/// Maximum number of rows per call.
pub const MAX_ROWS: usize = 1_000;
/// In place of a response key: results by a key of the submission. Response keys have no dot.
const FIELD_OF_SUBMISSIONS: &str = "statisticsSubmit.idempotencyKey";

/// Idempotency key of a call.
#[derive(Clone, Debug)]
pub enum CallKey {
    /// Of the submission: the same rows may be sent in another request.
    Submission(String),
    /// Of the request.
    Request(IdempotentCall),
}

impl CallKey {
    fn call(self, rows: &[Result<SentRow, UnreadableRow>]) -> Result<IdempotentCall> {
        match self {
            Self::Request(call) => Ok(call),
            Self::Submission(key) => Ok(IdempotentCall {
                key: key.into(),
                field: FIELD_OF_SUBMISSIONS.into(),
                request_hash: blake3::hash(&serde_json::to_vec(rows)?).into(),
            }),
        }
    }
}

/// A row with a value that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadableRow {
    /// What is wrong, and what to write.
    pub message: String,
    /// The value: another one makes another call.
    pub value: String,
}

impl UnreadableRow {
    /// Stable code of the reason.
    pub const CODE: &str = "MALFORMED";
}

/// Records rows of a client: each is validated on its own, and the valid ones are recorded in one transaction. Returns the
/// outcomes of the rows that can be read.
///
/// # Errors
/// [`crate::idempotency::KeyMismatch`], or when the database does not answer.
pub async fn submit(
    registry: &Registry,
    client: &Client,
    rows: &[Result<SentRow, UnreadableRow>],
    source: Option<String>,
    key: Option<CallKey>,
) -> Result<Recorded> {
    let snapshot = registry.snapshot();
    let view = View::new(Arc::clone(&snapshot), Viewer::Public);
    let readable = rows.iter().filter_map(|row| row.as_ref().ok());
    let figures = readable.map(|row| row.figure(&view, &snapshot, client.platform_id)).collect();
    let call = key.map(|key| key.call(rows)).transpose()?.map(|call| (client.id, call));
    let source = source.unwrap_or_else(|| client.name.to_string());
    let sender = Sender { source, reach: Reach::from(client), call, is_dry_run: false };
    statistics::record(registry, Actor::Client(client.name.as_ref().into()), sender, figures).await
}
