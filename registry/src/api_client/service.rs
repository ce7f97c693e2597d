//! Making, finding and revoking keys.

use std::sync::Arc;

use anyhow::{Result, bail};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::EntityTrait;

use crate::{
    change_log::{Actor, Registry},
    database::Database,
    model::{Client, Scope},
    snapshot::Snapshot,
};

/// What every key begins with, so that leaked ones are found in texts.
const PREFIX: &str = "reg_";
/// A key that was just made: shown once, never kept.
pub struct NewKey {
    /// The key itself.
    pub key: String,
}

/// Makes a client and its key; with a platform, it may send figures of that platform's pages alone.
///
/// # Errors
/// When another client has the name, there is no such platform, or the database does not answer.
pub async fn create(
    registry: &Registry,
    name: &str,
    scopes: Vec<Scope>,
    platform: Option<&str>,
) -> Result<NewKey> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret)?;
    let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
    let (name, key_hash) = (name.trim().to_owned(), hash(&key));
    let platform = platform.map(str::to_owned);
    if name.is_empty() {
        bail!("a client needs a name.");
    }
    registry
        .write(&Actor::Operator, move |change_set| {
            if change_set.snapshot().client_by_name(&name).is_some() {
                bail!("there is a client `{name}` already; choose another name.");
            }
            let platform_id = match platform {
                Some(code) => match change_set.snapshot().platform_by_code(&code) {
                    Some(platform) => Some(platform.id),
                    None => bail!("there is no platform `{code}`."),
                },
                None => None,
            };
            let client = Client {
                id: change_set.next_client_id(),
                name: name.into(),
                scopes,
                key_hash: key_hash.into(),
                platform_id,
                created_at: change_set.now(),
                revoked_at: None,
            };
            change_set.put(client, None)?;
            Ok(NewKey { key })
        })
        .await
}

/// Whether a client has a key that is not revoked, by what the database says now.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active(database: &Database, id: i64) -> Result<bool> {
    let found = entities::client::Entity::find_by_id(id).one(&database.read).await?;
    Ok(found.is_some_and(|client| client.revoked_at.is_none()))
}

/// Revokes a client's key; every process refuses it within a second. Answers when it was revoked before, if it was.
///
/// # Errors
/// When there is no such client, or the database does not answer.
pub async fn revoke(registry: &Registry, name: &str) -> Result<Option<DateTime<Utc>>> {
    let name = name.to_owned();
    registry
        .write(&Actor::Operator, move |change_set| {
            let Some(client) = change_set.snapshot().client_by_name(&name).cloned() else {
                bail!("there is no client `{name}`; `registry keys list` shows all.");
            };
            if client.revoked_at.is_none() {
                change_set
                    .put(Client { revoked_at: Some(change_set.now()), ..Client::clone(&client) }, None)?;
            }
            Ok(client.revoked_at)
        })
        .await
}

/// Client that a key belongs to, unless it was revoked.
pub fn find<'a>(snapshot: &'a Snapshot, key: &str) -> Option<&'a Arc<Client>> {
    snapshot.client_by_key_hash(&hash(key))
}

fn hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}
