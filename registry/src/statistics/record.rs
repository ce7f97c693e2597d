//! Recording of statistics, in one transaction per call.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use entities::idempotency_key::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{
    PackedFigures,
    figure::{Call, Outcome, Sender},
    ingest::ingest,
};
use crate::{
    change_log::{Actor, Registry, WriteTransaction},
    database::{self, bulk},
};

/// Lifetime of an idempotency key.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// Result of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The rows were processed; of a repeated call, the result of the first one.
    Outcomes {
        /// Outcome of each row, in their order.
        outcomes: Vec<Outcome>,
        /// Sequence number of the log with these rows.
        seq: i64,
    },
    /// The client used this idempotency key for other rows within 24 hours; nothing was recorded.
    OtherCall,
}

/// Records statistics atomically: daily rows, months, sums by segment, and one change per platform.
///
/// # Errors
/// When the database does not answer; rejected rows are no error.
pub async fn record(
    registry: &Registry,
    actor: Actor,
    sender: Sender,
    figures: PackedFigures,
) -> Result<Recorded> {
    let registry = registry.clone();
    database::detached(async move {
        let mut writing = WriteTransaction::begin(&registry, actor).await?;
        let (transaction, change_set) = writing.parts();
        if let Some(call) = &sender.call
            && let Some(known) = known(&**transaction, call, change_set.now()).await?
        {
            drop(writing);
            // Another server may have recorded it: its client reads it here from now on.
            registry.catch_up().await?;
            return Ok(known);
        }
        let (now, before) = (change_set.now(), change_set.snapshot().seq());
        let outcomes = ingest(transaction, change_set, &sender, &figures).await?;
        if sender.is_dry_run {
            return Ok(Recorded::Outcomes { outcomes, seq: before });
        }
        let appended = writing.append().await?;
        let (transaction, seq) = appended.parts();
        if let Some(call) = sender.call {
            remember(transaction, call, (&outcomes[..], seq), now).await?;
        }
        appended.commit().await?;
        Ok(Recorded::Outcomes { outcomes, seq })
    })
    .await
}

/// Stored result of the idempotency key, if any.
async fn known(db: &impl ConnectionTrait, call: &Call, now: DateTime<Utc>) -> Result<Option<Recorded>> {
    let known = Entity::find_by_id((call.client_id, call.key.clone())).one(db).await?;
    Ok(match known.filter(|known| known.at + REMEMBERED > now) {
        Some(known) if known.request_hash == call.hash.as_bytes() => {
            let (outcomes, seq) = serde_json::from_str(&known.answer)?;
            Some(Recorded::Outcomes { outcomes, seq })
        }
        Some(_) => Some(Recorded::OtherCall),
        None => None,
    })
}

async fn remember(
    db: &DatabaseTransaction,
    call: Call,
    result: (&[Outcome], i64),
    at: DateTime<Utc>,
) -> Result<()> {
    Entity::delete_many().filter(Column::At.lte(at - REMEMBERED)).exec(db).await?;
    let row = Model {
        client_id: call.client_id,
        key: call.key,
        request_hash: call.hash.as_bytes().to_vec(),
        answer: serde_json::to_string(&result)?,
        at,
    };
    bulk::upsert::<Entity>(db, vec![row]).await
}
