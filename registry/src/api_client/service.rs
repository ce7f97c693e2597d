//! Creating, finding and revoking keys.

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

/// Prefix of every key, so that leaked keys can be found by scanners.
const PREFIX: &str = "reg_";
/// A newly created key: shown once, never stored.
pub struct NewKey {
    /// The key itself.
    pub key: String,
}

/// Creates a client and its key; with a platform, the client may submit statistics of that platform's pages
/// only.
///
/// # Errors
/// When another client has this name, the platform is unknown, or the database does not answer.
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
    if platform.is_some() && !scopes.contains(&Scope::Statistics) {
        bail!(
            "a platform limits the scope `statistics`, which the client lacks; add the scope, or leave out the platform."
        );
    }
    registry
        .write(&Actor::Operator, move |change_set| {
            if change_set.snapshot().client_by_name(&name).is_some() {
                bail!("a client `{name}` exists already; choose another name.");
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
            change_set.upsert(client, None)?;
            Ok(NewKey { key })
        })
        .await
}

/// Whether a client exists and is not revoked, according to the database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active(database: &Database, id: i64) -> Result<bool> {
    let found = entities::client::Entity::find_by_id(id).one(&database.read).await?;
    Ok(found.is_some_and(|client| client.revoked_at.is_none()))
}

/// Revokes a client's key; every process rejects it within a second. Returns the time of an earlier
/// revocation, if any.
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
                    .upsert(Client { revoked_at: Some(change_set.now()), ..Client::clone(&client) }, None)?;
            }
            Ok(client.revoked_at)
        })
        .await
}

/// Client of a key, unless it was revoked.
pub fn find<'a>(snapshot: &'a Snapshot, key: &str) -> Option<&'a Arc<Client>> {
    snapshot.client_by_key_hash(&hash(key))
}

fn hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}
