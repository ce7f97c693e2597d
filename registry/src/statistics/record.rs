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
    /// Outcome of each row, in their order; of a repeated call, the outcomes of the first one.
    Outcomes(Vec<Outcome>),
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
        let outcomes = ingest(transaction, change_set, &sender, &figures).await?;
        if let Some(call) = sender.call.clone() {
            remember(transaction, call, &outcomes, change_set.now()).await?;
        }
        if !sender.is_trial {
            writing.commit().await?;
        }
        Ok(Recorded::Outcomes(outcomes))
    })
    .await
}

/// Stored result of the idempotency key, if any.
async fn known(db: &impl ConnectionTrait, call: &Call, now: DateTime<Utc>) -> Result<Option<Recorded>> {
    let known = Entity::find_by_id((call.client_id, call.key.clone())).one(db).await?;
    Ok(match known.filter(|known| known.at + REMEMBERED > now) {
        Some(known) if known.request_hash == call.hash.as_bytes() => {
            Some(Recorded::Outcomes(serde_json::from_str(&known.answer)?))
        }
        Some(_) => Some(Recorded::OtherCall),
        None => None,
    })
}

async fn remember(
    db: &DatabaseTransaction,
    call: Call,
    outcomes: &[Outcome],
    at: DateTime<Utc>,
) -> Result<()> {
    Entity::delete_many().filter(Column::At.lte(at - REMEMBERED)).exec(db).await?;
    let row = Model {
        client_id: call.client_id,
        key: call.key,
        request_hash: call.hash.as_bytes().to_vec(),
        answer: serde_json::to_string(outcomes)?,
        at,
    };
    bulk::upsert::<Entity>(db, vec![row]).await
}
