//! Recording of statistics, in one transaction per call.

use anyhow::Result;

use super::{
    PackedFigures,
    figure::{Outcome, Sender},
    ingest::ingest,
};
use crate::{
    change_log::{Actor, Registry, WriteTransaction},
    database,
    idempotency::{self, Written},
};

/// Result of a call: the outcome of each row, in their order; of a repeated call, the outcomes of the first one.
pub type Recorded = Written<Vec<Outcome>>;

/// Records statistics atomically: daily rows, months, sums by segment, and one change per platform.
///
/// # Errors
/// [`idempotency::KeyMismatch`], or when the database does not answer; rejected rows are no error.
pub async fn record(
    registry: &Registry,
    actor: Actor,
    sender: Sender,
    figures: PackedFigures,
) -> Result<Recorded> {
    let registry = registry.clone();
    database::detached(async move {
        let writing = WriteTransaction::begin(&registry, actor).await?;
        let mut writing = match idempotency::unless_known(&registry, writing, sender.call.as_ref()).await? {
            Ok(writing) => writing,
            Err(known) => return Ok(known),
        };
        let (transaction, change_set) = writing.parts();
        let seq = change_set.snapshot().seq();
        let outcomes = Box::pin(ingest(transaction, change_set, &sender, &figures)).await?;
        if sender.is_dry_run {
            return Ok(Written { result: outcomes, seq, is_replayed: false });
        }
        idempotency::commit(writing, sender.call, outcomes).await
    })
    .await
}
