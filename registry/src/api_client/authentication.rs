//! Finding the client of a key.

use std::{ops::Deref, sync::Arc};

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{client, client_key};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::key::hash;
use crate::{
    author::Author,
    change_log::Registry,
    database::Database,
    model::{Client, ClientKey},
    snapshot::Snapshot,
};

/// A client that sent one of its keys.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    client: Arc<Client>,
    key_id: i64,
}

/// Why a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusableKey {
    /// Nobody has the key, or it was revoked.
    Unknown,
    /// The key is no longer valid since this timestamp.
    Expired(DateTime<Utc>),
}

impl AuthenticatedClient {
    /// Id of the key.
    pub fn key_id(&self) -> i64 {
        self.key_id
    }

    /// The key.
    pub fn key(&self) -> Option<&ClientKey> {
        self.client.key(self.key_id)
    }

    /// The client, as the author of writes.
    pub fn author(&self) -> Author {
        Author::client(self.client.clone()).with_key(self.key_id)
    }

    /// The client in its state in a snapshot; `None` if the key is no longer accepted at a timestamp.
    pub fn renewed(&self, snapshot: &Snapshot, at: DateTime<Utc>) -> Option<Self> {
        let client = snapshot.clients().get(&self.client.id)?;
        client.accepts(self.key_id, at).then(|| Self { client: client.clone(), key_id: self.key_id })
    }
}

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Client of a key at a timestamp, according to a snapshot.
///
/// # Errors
/// When nobody has the key, or it was revoked or is expired.
pub fn authenticate(
    snapshot: &Snapshot,
    key: &str,
    at: DateTime<Utc>,
) -> Result<AuthenticatedClient, UnusableKey> {
    let (client, found) = snapshot.client_by_key_hash(&hash(key)).ok_or(UnusableKey::Unknown)?;
    match found.expires_at {
        _ if client.accepts(found.id, at) => {
            Ok(AuthenticatedClient { client: client.clone(), key_id: found.id })
        }
        Some(expires_at) if found.revoked_at.is_none() && client.revoked_at.is_none() => {
            Err(UnusableKey::Expired(expires_at))
        }
        _ => Err(UnusableKey::Unknown),
    }
}

/// Client of a key, once the snapshot has the key; waits until it has been read from the log.
///
/// # Errors
/// When the key is expired.
pub async fn awaited(registry: &Registry, key: &str) -> Result<AuthenticatedClient, UnusableKey> {
    let mut positions = registry.positions();
    loop {
        match authenticate(&registry.snapshot(), key, Utc::now()) {
            Err(UnusableKey::Unknown) => {}
            found => return found,
        }
        if positions.changed().await.is_err() {
            return Err(UnusableKey::Unknown);
        }
    }
}

/// Whether the key that a client sent is still accepted, according to the database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active(database: &Database, client: &AuthenticatedClient) -> Result<bool> {
    let of_key = Condition::all().add(client_key::Column::Id.eq(client.key_id));
    is_accepted(database, of_key.add(client_key::Column::ClientId.eq(client.id))).await
}

/// Whether a client has this key, and it is neither revoked nor expired, according to the database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active_key(database: &Database, key: &str) -> Result<bool> {
    is_accepted(database, Condition::all().add(client_key::Column::KeyHash.eq(hash(key)))).await
}

async fn is_accepted(database: &Database, of_key: Condition) -> Result<bool> {
    let found = client_key::Entity::find().filter(of_key).one(&database.read).await?;
    let Some(key) = found else { return Ok(false) };
    let client_id = key.client_id;
    if !ClientKey::from(key).is_valid_at(Utc::now()) {
        return Ok(false);
    }
    let client = client::Entity::find_by_id(client_id).one(&database.read).await?;
    Ok(client.is_some_and(|client| client.revoked_at.is_none()))
}
