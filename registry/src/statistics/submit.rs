//! Submission of statistics by partners.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::submitted_row::SentRow;
pub use crate::statistics::{Outcome, Recorded, Rejection};
use crate::{
    change_log::{Actor, Registry},
    model::Client,
    statistics::{self, Call, Sender},
    view::{View, Viewer},
};

/// Maximum number of rows per call.
pub const MAX_ROWS: usize = 1_000;

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
/// When the database does not answer.
pub async fn submit(
    registry: &Registry,
    client: &Client,
    rows: &[Result<SentRow, UnreadableRow>],
    source: Option<String>,
    key: Option<String>,
) -> Result<Recorded> {
    let snapshot = registry.snapshot();
    let view = View::new(Arc::clone(&snapshot), Viewer::Public);
    let readable = rows.iter().filter_map(|row| row.as_ref().ok());
    let figures = readable.map(|row| row.figure(&view, &snapshot, client.platform_id)).collect();
    let call = match key {
        Some(key) => {
            let hash = blake3::hash(&serde_json::to_vec(rows)?);
            Some(Call { client_id: client.id, key, hash })
        }
        None => None,
    };
    let source = source.unwrap_or_else(|| client.name.to_string());
    let sender = Sender { source, platform_id: client.platform_id, call, is_dry_run: false };
    statistics::record(registry, Actor::Client(client.name.as_ref().into()), sender, figures).await
}
