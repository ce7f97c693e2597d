//! Writes that are executed once per idempotency key: the result is stored in the transaction of the write, so a call that is
//! repeated after a crash, or on another server, finds it. The responses to whole requests are in [`requests`].

mod claim;
pub mod requests;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use entities::{
    change::SubjectType,
    idempotent_result::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    author::Author,
    change_log::{ChangeSet, Registry, WriteTransaction},
    database::{self, bulk},
    model::{Evidence, Scope},
    snapshot::Snapshot,
};

pub use claim::Claim;

/// Lifetime of an idempotency key.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// A call of a client with an idempotency key.
#[derive(Clone, Debug)]
pub struct IdempotentCall {
    /// Idempotency key, unique for each client.
    pub key: Box<str>,
    /// Response key of the root field: a document can have several.
    pub field: Box<str>,
    /// BLAKE3 of the request.
    pub request_hash: [u8; 32],
}

/// Id of a client, and its call.
pub type ClientCall = (i64, IdempotentCall);

/// What a write needs beside its rules.
#[derive(Clone, Debug)]
pub struct WriteRequest {
    /// Who writes.
    pub author: Author,
    /// Scope that the author must still have at the log's head.
    pub scope: Option<Scope>,
    /// Why; in the log with each change.
    pub reason: Option<Box<str>>,
    /// What it is based on; in the log with each change.
    pub evidence: Option<Evidence>,
    /// The call, if it has an idempotency key and a client.
    pub call: Option<IdempotentCall>,
    /// Sequence number that the author has read the subject at: a later change of the subject is a [`Conflict`].
    pub if_seq: Option<i64>,
}

impl WriteRequest {
    /// A write without reason, evidence and idempotency key, for any scopes.
    pub fn new(author: Author) -> Self {
        Self { author, scope: None, reason: None, evidence: None, call: None, if_seq: None }
    }

    /// The author with the rights that it has at the log's head.
    ///
    /// # Errors
    /// [`Revoked`], or [`ScopeMissing`].
    pub(crate) fn renewed_author(&self, head: &ChangeSet) -> Result<Author> {
        let author = self.author.renewed(head.snapshot(), head.now()).ok_or(Revoked)?;
        match self.scope {
            Some(scope) if !author.has(scope) => Err(ScopeMissing(scope).into()),
            _ => Ok(author),
        }
    }
}

/// Result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What the rules returned; of a repeated call, what they returned at the first one.
    pub result: T,
    /// Sequence number of the log with the write.
    pub seq: i64,
    /// Whether the call is repeated: nothing was written now.
    pub is_replayed: bool,
}

/// The subject has a change that is later than the author has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Sequence number of the subject's last change.
    pub seq: i64,
}

/// The key of the author was revoked, or expired, before the write.
#[derive(Debug, thiserror::Error)]
#[error("The key is no longer valid.")]
pub struct Revoked;

/// The author lost the scope before the write.
#[derive(Debug, thiserror::Error)]
#[error("The key lacks the scope `{}`.", .0.name())]
pub struct ScopeMissing(pub Scope);

/// The client used the idempotency key for another request within 24 hours.
#[derive(Debug, thiserror::Error)]
#[error("Another request was sent with this idempotency key within 24 hours; use another one.")]
pub struct KeyMismatch;

/// Writes to the registry, at most once per idempotency key: `rules` decide on the state at the log's head, for the author
/// with the rights that it has there. If they refuse, nothing is written. `subject` finds the record that `if_seq` is about. The
/// result must hold what the response needs, such as ids, because a repeated call gets it from the database.
///
/// # Errors
/// [`Revoked`], [`ScopeMissing`], [`KeyMismatch`], errors of `rules` and of the database; nothing is written then.
pub async fn write_once<T, E, S, F>(
    registry: &Registry,
    request: WriteRequest,
    subject: S,
    rules: F,
) -> Result<Result<Written<T>, E>>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    E: From<Conflict> + Send + 'static,
    S: FnOnce(&Snapshot, &Author) -> Option<(SubjectType, i64)> + Send + 'static,
    F: FnOnce(&mut ChangeSet, &Author) -> Result<Result<T, E>> + Send + 'static,
{
    let registry = registry.clone();
    database::detached(async move {
        let mut writing = WriteTransaction::begin(&registry, request.author.actor().clone()).await?;
        let change_set = writing.change_set();
        let author = request.renewed_author(change_set)?;
        let call = author.client_id().zip(request.call);
        let mut writing = match unless_known(&registry, writing, call.as_ref()).await? {
            Ok(writing) => writing,
            Err(known) => return Ok(Ok(known)),
        };
        let (transaction, change_set) = writing.parts();
        if let Some(seq) = request.if_seq
            && let Some(subject) = subject(change_set.snapshot(), &author)
            && let Some(conflict) = later_change(&**transaction, subject, seq).await?
        {
            return Ok(Err(conflict.into()));
        }
        change_set.describe(request.reason, request.evidence);
        let result = match rules(change_set, &author)? {
            Ok(result) => result,
            Err(refusal) => return Ok(Err(refusal)),
        };
        commit(writing, call, result).await.map(Ok)
    })
    .await
}

/// The write transaction, if the call was not made before; otherwise its stored result, which the snapshot of this process then
/// contains.
///
/// # Errors
/// [`KeyMismatch`], or when the database does not answer.
pub(crate) async fn unless_known<T: DeserializeOwned>(
    registry: &Registry,
    mut writing: WriteTransaction,
    call: Option<&ClientCall>,
) -> Result<Result<WriteTransaction, Written<T>>> {
    let Some((client_id, call)) = call else { return Ok(Ok(writing)) };
    let (transaction, change_set) = writing.parts();
    let Some(known) = known(&**transaction, *client_id, call, change_set.now()).await? else {
        return Ok(Ok(writing));
    };
    drop(writing);
    // Another server may have written it: the client reads it here from now on.
    registry.catch_up().await?;
    Ok(Err(known))
}

/// Appends the change set to the log, and commits it with the result of the call. Of a call that wrote nothing, no
/// result is stored: nothing is written twice if it is repeated.
///
/// # Errors
/// Those of [`WriteTransaction::commit`]; nothing is written then.
pub(crate) async fn commit<T: Serialize>(
    mut writing: WriteTransaction,
    call: Option<ClientCall>,
    result: T,
) -> Result<Written<T>> {
    let change_set = writing.change_set();
    let (now, before) = (change_set.now(), change_set.snapshot().seq());
    let appended = writing.append().await?;
    let (transaction, seq) = appended.parts();
    let seq = seq.max(before);
    if seq > before
        && let Some((client_id, call)) = call
    {
        remember(transaction, row(client_id, call, (&result, seq), now)?).await?;
    }
    appended.commit().await?;
    Ok(Written { result, seq, is_replayed: false })
}

/// The last change of a subject, if it is later than `seq`.
async fn later_change(
    db: &impl ConnectionTrait,
    (subject_type, id): (SubjectType, i64),
    seq: i64,
) -> Result<Option<Conflict>> {
    use entities::change::{Column, Entity};
    let changes =
        Entity::find().select_only().column(Column::Seq).filter(Column::SubjectType.eq(subject_type));
    let changes = changes.filter(Column::SubjectId.eq(id)).filter(Column::Seq.gt(seq));
    let last: Option<i64> = changes.order_by_desc(Column::Seq).into_tuple().one(db).await?;
    Ok(last.map(|seq| Conflict { seq }))
}

/// Stored result of the call, if any.
async fn known<T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    client_id: i64,
    call: &IdempotentCall,
    now: DateTime<Utc>,
) -> Result<Option<Written<T>>> {
    let key = (client_id, call.key.to_string(), call.field.to_string());
    let known = Entity::find_by_id(key).one(db).await?;
    let Some(known) = known.filter(|known| known.at + REMEMBERED > now) else { return Ok(None) };
    if known.request_hash != call.request_hash {
        return Err(KeyMismatch.into());
    }
    let result = serde_json::from_str(&known.result).context("a stored result of a write is not readable")?;
    Ok(Some(Written { result, seq: known.seq, is_replayed: true }))
}

fn row<T: Serialize>(
    client_id: i64,
    call: IdempotentCall,
    (result, seq): (&T, i64),
    at: DateTime<Utc>,
) -> Result<Model> {
    Ok(Model {
        client_id,
        key: call.key.into(),
        field: call.field.into(),
        request_hash: call.request_hash.to_vec(),
        result: serde_json::to_string(result)?,
        seq,
        at,
    })
}

async fn remember(db: &DatabaseTransaction, row: Model) -> Result<()> {
    Entity::delete_many().filter(Column::At.lte(row.at - REMEMBERED)).exec(db).await?;
    bulk::upsert::<Entity>(db, vec![row]).await
}
