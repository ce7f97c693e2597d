//! The claim of an idempotency key by the request that is executed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use entities::idempotent_request::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use tokio_util::task::AbortOnDropHandle;

use super::requests::{StoredResponse, Usage};
use crate::{change_log::Registry, database, worker_pool};

/// Duration of a lease.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Time between two renewals, and after one that failed.
const RENEWED: Duration = Duration::from_secs(10);
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// End of a lease that begins now.
pub(super) fn lease_end(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LEASE
}

/// The claim of a key: while it is held, no equal request is executed on any server. When it is dropped, the key is free again.
pub struct Claim {
    row: ClaimedRow,
    usage: Arc<Usage>,
    is_over: bool,
    _renewal: AbortOnDropHandle<()>,
}

impl Claim {
    pub(super) fn new(row: ClaimedRow, usage: Arc<Usage>) -> Self {
        let renewal = AbortOnDropHandle::new(worker_pool::spawn(renew(row.clone())));
        Self { row, usage, is_over: false, _renewal: renewal }
    }

    /// Stores the response for equal requests. A response that is too large is not stored, and the key is free again: an equal
    /// request is executed then, and finds the results of the writes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer(mut self, response: StoredResponse) -> Result<()> {
        if !self.usage.has_room_for(&response.body) {
            return self.release().await;
        }
        let (row, size) = (self.row.clone(), response.body.len() as u64);
        database::detached(async move { row.answer(response).await }).await?;
        self.usage.bytes.fetch_add(size.cast_signed(), Ordering::Relaxed);
        self.is_over = true;
        Ok(())
    }

    /// Frees the key: the response is not one to repeat.
    ///
    /// # Errors
    /// When the database does not answer; the lease ends then.
    pub async fn release(mut self) -> Result<()> {
        self.is_over = true;
        self.usage.keys.fetch_sub(1, Ordering::Relaxed);
        let row = self.row.clone();
        database::detached(async move { row.delete().await }).await
    }
}

impl Drop for Claim {
    /// Frees the key of a request that was given up, for example because its client has disconnected.
    fn drop(&mut self) {
        if !self.is_over {
            self.usage.keys.fetch_sub(1, Ordering::Relaxed);
            let row = self.row.clone();
            worker_pool::spawn(async move {
                if let Err(error) = row.delete().await {
                    tracing::debug!(%error, "an idempotency key is not free before the end of its lease");
                }
            });
        }
    }
}

/// Row of a claim, as long as no other request has taken it over.
#[derive(Clone)]
pub(super) struct ClaimedRow {
    registry: Registry,
    client_id: i64,
    key: String,
    claim: i64,
}

impl ClaimedRow {
    pub(super) fn of(registry: &Registry, row: &Model) -> Self {
        Self { registry: registry.clone(), client_id: row.client_id, key: row.key.clone(), claim: row.claim }
    }

    fn is_it(&self) -> Condition {
        Condition::all()
            .add(Column::ClientId.eq(self.client_id))
            .add(Column::Key.eq(self.key.clone()))
            .add(Column::Claim.eq(self.claim))
    }

    async fn renew(&self) -> Result<()> {
        let database = self.registry.database();
        let now = database::now(&database.read).await?;
        let renewed = Entity::update_many().col_expr(Column::ClaimedUntil, Expr::val(lease_end(now)));
        renewed.filter(self.is_it()).exec(database.unlogged()).await?;
        Ok(())
    }

    async fn answer(&self, response: StoredResponse) -> Result<()> {
        let upload_hash = response.upload_hash.map(|hash| hash.to_vec());
        let answered = Entity::update_many()
            .col_expr(Column::Status, Expr::val(i32::from(response.status)))
            .col_expr(Column::ContentType, Expr::val(String::from(response.content_type)))
            .col_expr(Column::Seq, Expr::val(response.seq))
            .col_expr(Column::Response, Expr::val(response.body))
            .col_expr(Column::UploadHash, Expr::val(upload_hash));
        answered.filter(self.is_it()).exec(self.registry.database().unlogged()).await?;
        Ok(())
    }

    async fn delete(&self) -> Result<()> {
        let row = Entity::delete_many().filter(self.is_it());
        row.exec(self.registry.database().unlogged()).await?;
        Ok(())
    }
}

/// Renews the lease of a claim. Never ends.
async fn renew(row: ClaimedRow) {
    let mut pause = RENEWED;
    loop {
        tokio::time::sleep(pause).await;
        pause = match row.renew().await {
            Ok(()) => RENEWED,
            Err(error) => {
                tracing::debug!(%error, "the lease of an idempotency key was not renewed");
                TRIED_AGAIN
            }
        };
    }
}
