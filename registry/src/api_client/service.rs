//! Creating, changing and revoking clients.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::SubjectType;
use serde::{Deserialize, Serialize};

use super::{
    error::ClientError,
    key::NewKey,
    keys::{KeyTerms, create_client_with_key},
    rules::{self, ClientReference, NewLimits},
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{WriteRequest, Written, write_once},
    model::{Client, Reach, Scope},
    record_reference::OrganizationReference,
    snapshot::Snapshot,
};

/// A client to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// Name of the client.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// With which records.
    pub limits: NewLimits,
}

/// Changes of a client; `None` leaves a value as it is, and `Some(None)` removes a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientChanges {
    /// What it may do.
    pub scopes: Option<Vec<Scope>>,
    /// Code of the only platform.
    pub platform_code: Option<Option<String>>,
    /// The only organization, with all below it.
    pub organization: Option<Option<OrganizationReference>>,
    /// Code of the only territory, with all in it.
    pub territory_code: Option<Option<String>>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientIds {
    /// Id of the client.
    pub client_id: i64,
    /// Id of the key, if one was written.
    pub key_id: Option<i64>,
}

/// Outcome of a write: the inner error refuses it.
type Outcome = Result<Result<Written<ClientIds>, ClientError>>;

/// Creates a client without a key.
///
/// # Errors
/// When the key of the author is no longer valid, or the database does not answer. The inner error refuses the client.
pub async fn create_client(registry: &Registry, request: WriteRequest, input: NewClient) -> Outcome {
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let client = new_client(change_set, author, input);
        put(change_set, client, None)
    };
    write_once(registry, request, |_, _| None, rules).await
}

/// Changes the scopes and limits of a client.
///
/// # Errors
/// As [`create_client`].
pub async fn edit_client(
    registry: &Registry,
    request: WriteRequest,
    client: ClientReference,
    changes: ClientChanges,
) -> Outcome {
    let subject = subject_of(client.clone());
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let client = changed(change_set.snapshot(), author, &client, changes);
        put(change_set, client, None)
    };
    write_once(registry, request, subject, rules).await
}

/// Revokes a client with all its keys: every process rejects them within a second. Changes nothing if it was revoked before.
///
/// # Errors
/// As [`create_client`].
pub async fn revoke_client(registry: &Registry, request: WriteRequest, client: ClientReference) -> Outcome {
    let subject = subject_of(client.clone());
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let now = change_set.now();
        let client = rules::managed(change_set.snapshot(), author, &client);
        let client = client
            .map(|client| Client { revoked_at: client.revoked_at.or(Some(now)), ..Client::clone(&client) });
        put(change_set, client, None)
    };
    write_once(registry, request, subject, rules).await
}

/// Creates a client and its key, as an operator; with a platform, the client may write and review records of that platform only.
///
/// # Errors
/// When the name is not valid or another client has it, the platform is unknown, or the database does not answer.
pub async fn create(
    registry: &Registry,
    name: &str,
    scopes: Vec<Scope>,
    platform: Option<&str>,
) -> Result<NewKey> {
    let limits = NewLimits { platform_code: platform.map(str::to_owned), ..NewLimits::default() };
    let input = NewClient { name: name.to_owned(), scopes, limits };
    let request = WriteRequest::new(Author::operator());
    let created = create_client_with_key(registry, request, input, KeyTerms::default()).await??;
    // A call without an idempotency key is never a repeated one.
    Ok(NewKey { key: created.key.unwrap_or_default() })
}

/// Revokes a client with all its keys, as an operator. Returns the time of an earlier revocation, if any.
///
/// # Errors
/// When there is no such client, or the database does not answer.
pub async fn revoke(registry: &Registry, name: &str) -> Result<Option<DateTime<Utc>>> {
    let before = registry.snapshot().client_by_name(name).and_then(|client| client.revoked_at);
    let (request, client) = (WriteRequest::new(Author::operator()), ClientReference::Name(name.to_owned()));
    revoke_client(registry, request, client).await??;
    Ok(before)
}

/// The subject that `if_seq` of a write is about.
pub(super) fn subject_of(
    client: ClientReference,
) -> impl FnOnce(&Snapshot, &Author) -> Option<(SubjectType, i64)> + Send + 'static {
    move |snapshot: &Snapshot, author: &Author| {
        let client = rules::managed(snapshot, author, &client).ok()?;
        Some((SubjectType::Client, client.id))
    }
}

/// A new client without keys.
pub(super) fn new_client(
    change_set: &ChangeSet,
    author: &Author,
    input: NewClient,
) -> Result<Client, ClientError> {
    let (snapshot, name) = (change_set.snapshot(), input.name.trim());
    rules::check_name(snapshot, name)?;
    let (reach, scopes) = (input.limits.reach(snapshot, author)?, rules::distinct(input.scopes));
    rules::check_rights(snapshot, author, &scopes, reach)?;
    Ok(Client {
        id: change_set.next_client_id(),
        name: name.into(),
        scopes,
        keys: Vec::new(),
        platform_id: reach.platform_id,
        organization_id: reach.organization_id,
        territory_id: reach.territory_id,
        created_at: change_set.now(),
        revoked_at: None,
    })
}

/// A client with changes.
fn changed(
    snapshot: &Snapshot,
    author: &Author,
    client: &ClientReference,
    changes: ClientChanges,
) -> Result<Client, ClientError> {
    let client = rules::managed_alive(snapshot, author, client)?;
    let scopes = changes.scopes.map_or_else(|| client.scopes.clone(), rules::distinct);
    let mut reach = Reach::from(&*client);
    if let Some(code) = changes.platform_code {
        reach.platform_id = code.map(|code| rules::platform_id(snapshot, &code)).transpose()?;
    }
    if let Some(reference) = changes.organization {
        let id = reference.map(|reference| rules::organization_id(snapshot, author, &reference));
        reach.organization_id = id.transpose()?;
    }
    if let Some(code) = changes.territory_code {
        reach.territory_id = code.map(|code| rules::territory_id(snapshot, &code)).transpose()?;
    }
    rules::check_rights(snapshot, author, &scopes, reach)?;
    let Reach { platform_id, organization_id, territory_id } = reach;
    Ok(Client { scopes, platform_id, organization_id, territory_id, ..Client::clone(&client) })
}

/// Upserts a client, unless it was refused.
pub(super) fn put(
    change_set: &mut ChangeSet,
    client: Result<Client, ClientError>,
    key_id: Option<i64>,
) -> Result<Result<ClientIds, ClientError>> {
    let client = match client {
        Ok(client) => client,
        Err(error) => return Ok(Err(error)),
    };
    let ids = ClientIds { client_id: client.id, key_id };
    change_set.upsert(client, None)?;
    Ok(Ok(ids))
}
