//! Requests with an idempotency key: which one of equal requests is executed, and its response, for all servers of the registry.
//!
//! A request claims its key before it is executed. The claim has a lease, which is renewed while the server lives, so that the
//! keys of a server that was killed are taken over. What is then executed again finds the results of its writes and writes
//! nothing ([`super::write_once`]).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use entities::idempotent_request::{Column, Entity, Model};
use moka::sync::Cache;
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable,
    QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::OnConflict,
};

use super::{
    REMEMBERED,
    claim::{Claim, ClaimedRow, lease_end},
};
use crate::{
    change_log::Registry,
    database::{self, Database},
};

/// Maximum number of keys of one client that are remembered.
pub const MAX_KEYS: i64 = 100_000;
/// Maximum size of a stored response in bytes, and of all those of one client.
pub const MAX_RESPONSE: usize = 1 << 20;
const MAX_RESPONSES: i64 = 512 << 20;
/// Time after which the keys of a client are counted again: other servers have added some.
const COUNTED: Duration = Duration::from_secs(60);
/// Maximum number of clients whose keys are counted.
const MAX_COUNTED: u64 = 10_000;
/// Expired keys that one statement deletes.
const DELETED_AT_ONCE: u64 = 200;

/// A request with an idempotency key.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    /// Client that sent it.
    pub client_id: i64,
    /// Idempotency key.
    pub key: Box<str>,
    /// BLAKE3 of the request; of an upload, without its body.
    pub request_hash: [u8; 32],
}

/// Response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: Box<str>,
    /// Sequence number of the log that the response reflects.
    pub seq: i64,
    /// Body.
    pub body: Vec<u8>,
    /// BLAKE3 of the body of the request, if it is an upload.
    pub upload_hash: Option<[u8; 32]>,
}

/// Why a request cannot claim its key.
#[derive(Debug)]
pub enum NotClaimed {
    /// An equal request was answered.
    Answered(StoredResponse),
    /// An equal request is being executed.
    InProgress,
    /// Another request was sent with the key.
    OtherRequest,
    /// The client has [`MAX_KEYS`] keys.
    TooManyKeys,
}

/// Keys and responses of a client.
#[derive(Default)]
pub(super) struct Usage {
    pub(super) keys: AtomicI64,
    pub(super) bytes: AtomicI64,
}

/// The requests of the last 24 hours that have an idempotency key. Clones share the counts of keys.
#[derive(Clone)]
pub struct KeyedRequests {
    registry: Registry,
    usage: Cache<i64, Arc<Usage>>,
}

impl KeyedRequests {
    /// The requests of a registry.
    pub fn new(registry: &Registry) -> Self {
        let usage = Cache::builder().max_capacity(MAX_COUNTED).time_to_live(COUNTED).build();
        Self { registry: registry.clone(), usage }
    }

    /// Claims the key of a request. The snapshot of this process is current if an equal request was answered.
    ///
    /// # Errors
    /// When the database does not answer. The inner error says why the request must not be executed.
    pub async fn claim(&self, request: KeyedRequest) -> Result<Result<Claim, NotClaimed>> {
        let requests = self.clone();
        // A claim whose request is dropped meanwhile is released.
        database::detached(async move { requests.find_or_claim(request).await }).await
    }

    async fn find_or_claim(&self, request: KeyedRequest) -> Result<Result<Claim, NotClaimed>> {
        let database = self.registry.database();
        let now = database::now(&database.read).await?;
        let known =
            Entity::find_by_id((request.client_id, request.key.to_string())).one(&database.read).await?;
        let known = known.filter(|known| known.at + REMEMBERED > now);
        let at = known.as_ref().map_or(now, |known| known.at);
        match known {
            Some(known) if known.request_hash != request.request_hash => {
                return Ok(Err(NotClaimed::OtherRequest));
            }
            Some(known) if known.status.is_some() => {
                // The response may reflect changes that this process has not read.
                self.registry.catch_up().await?;
                return Ok(Err(NotClaimed::Answered(stored(known)?)));
            }
            Some(known) if known.claimed_until > now => return Ok(Err(NotClaimed::InProgress)),
            Some(_) | None => {}
        }
        let usage = self.usage(request.client_id).await?;
        if usage.keys.load(Ordering::Relaxed) >= MAX_KEYS {
            return Ok(Err(NotClaimed::TooManyKeys));
        }
        let row = unanswered(&request, at, now)?;
        let claimed = ClaimedRow::of(&self.registry, &row);
        if !insert(database, row, now).await? {
            // Another request was quicker.
            return Ok(Err(NotClaimed::InProgress));
        }
        usage.keys.fetch_add(1, Ordering::Relaxed);
        Ok(Ok(Claim::new(claimed, usage)))
    }

    /// Keys and responses of a client, as counted less than a minute ago.
    async fn usage(&self, client_id: i64) -> Result<Arc<Usage>> {
        if let Some(usage) = self.usage.get(&client_id) {
            return Ok(usage);
        }
        let usage = Arc::new(count(self.registry.database(), client_id).await?);
        self.usage.insert(client_id, usage.clone());
        Ok(usage)
    }
}

impl Usage {
    /// Whether one more response of this size may be stored.
    pub(super) fn has_room_for(&self, body: &[u8]) -> bool {
        let of_all = self.bytes.load(Ordering::Relaxed).saturating_add_unsigned(body.len() as u64);
        body.len() <= MAX_RESPONSE && of_all <= MAX_RESPONSES
    }
}

/// Deletes expired keys with their responses.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_expired(database: &Database) -> Result<()> {
    let expired = database::now(&database.read).await? - REMEMBERED;
    loop {
        let oldest = Entity::find().select_only().column(Column::At).filter(Column::At.lte(expired));
        let last = oldest.order_by_asc(Column::At).offset(DELETED_AT_ONCE - 1).limit(1);
        let last: Option<DateTime<Utc>> = last.into_tuple().one(&database.read).await?;
        let until = last.unwrap_or(expired);
        Entity::delete_many().filter(Column::At.lte(until)).exec(database.unlogged()).await?;
        if last.is_none() {
            return Ok(());
        }
    }
}

/// Row of a request that is to be executed now.
fn unanswered(request: &KeyedRequest, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Model> {
    let mut claim = [0; 8];
    OsRng.try_fill_bytes(&mut claim)?;
    Ok(Model {
        client_id: request.client_id,
        key: request.key.to_string(),
        request_hash: request.request_hash.to_vec(),
        claim: i64::from_ne_bytes(claim),
        claimed_until: lease_end(now),
        status: None,
        content_type: None,
        seq: None,
        response: None,
        upload_hash: None,
        at,
    })
}

/// Inserts the row of a request, or takes over the one that has expired, or whose lease has ended with the same request; `false`
/// if there is another one.
async fn insert(database: &Database, row: Model, now: DateTime<Utc>) -> Result<bool> {
    let is_abandoned = Condition::all()
        .add(Column::Status.is_null())
        .add(Column::ClaimedUntil.lte(now))
        .add(Column::RequestHash.eq(row.request_hash.clone()));
    let is_free = Condition::any().add(Column::At.lte(now - REMEMBERED)).add(is_abandoned);
    let replace = OnConflict::columns([Column::ClientId, Column::Key])
        .update_columns(Column::iter())
        .action_cond_where(is_free)
        .to_owned();
    let statement = Entity::insert_many([row.into_active_model().reset_all()]).on_conflict(replace);
    Ok(statement.exec_without_returning(database.unlogged()).await? > 0)
}

fn stored(row: Model) -> Result<StoredResponse> {
    let upload_hash = row.upload_hash.map(<[u8; 32]>::try_from).transpose();
    Ok(StoredResponse {
        status: row
            .status
            .and_then(|status| status.try_into().ok())
            .context("a stored response has no status")?,
        content_type: row.content_type.unwrap_or_default().into(),
        seq: row.seq.unwrap_or_default(),
        body: row.response.unwrap_or_default(),
        upload_hash: upload_hash.ok().context("the hash of a stored response has another length")?,
    })
}

async fn count(database: &Database, client_id: i64) -> Result<Usage> {
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(length(response)), 0) AS BIGINT) FROM idempotent_request \
         WHERE client_id = {client_id}"
    );
    let row = database.read.query_one_raw(Statement::from_string(database.backend(), sql)).await?;
    let number = |index: usize| -> Result<i64> {
        let number = row.as_ref().map(|row| row.try_get_by_index(index)).transpose()?;
        Ok(number.unwrap_or_default())
    };
    Ok(Usage { keys: AtomicI64::new(number(0)?), bytes: AtomicI64::new(number(1)?) })
}
