//! Creating, finding and revoking keys.

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    change_log::{Actor, Registry},
    database::Database,
    model::{Client, Scope},
    snapshot::Snapshot,
};

/// Prefix of every key, so that leaked keys can be found by scanners.
const PREFIX: &str = "reg_";
/// Length of a key after the prefix: 32 bytes in Base64.
const KEY_LENGTH: usize = 43;
/// Maximum number of characters of a client's name, which lists and errors show in one line.
const MAX_NAME: usize = 100;

/// A newly created key: shown once, never stored.
pub struct NewKey {
    /// The key itself.
    pub key: String,
}

/// Creates a client and its key; with a platform, the client may submit statistics of that platform's pages
/// only.
///
/// # Errors
/// When the name is not valid or another client has it, the platform is unknown, or the database does not answer.
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
    check_name(&name)?;
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
                organization_id: None,
                territory_id: None,
                created_at: change_set.now(),
                revoked_at: None,
            };
            change_set.upsert(client, None)?;
            Ok(NewKey { key })
        })
        .await
}

fn check_name(name: &str) -> Result<()> {
    let is_in_line = !name.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    ensure!(
        is_in_line && (1..=MAX_NAME).contains(&name.chars().count()),
        "the name of a client has 1 to {MAX_NAME} characters, without line breaks and other control characters."
    );
    Ok(())
}

/// Whether a client exists and is not revoked, according to the database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active(database: &Database, id: i64) -> Result<bool> {
    let found = entities::client::Entity::find_by_id(id).one(&database.read).await?;
    Ok(found.is_some_and(|client| client.revoked_at.is_none()))
}

/// Whether a text has the form of a key.
pub fn is_key(text: &str) -> bool {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.strip_prefix(PREFIX).is_some_and(|key| key.len() == KEY_LENGTH && key.bytes().all(is_of_key))
}

/// Whether a client has this key, which is not revoked, according to the database.
///
/// # Errors
/// When the database does not answer.
pub async fn is_active_key(database: &Database, key: &str) -> Result<bool> {
    use entities::client::{Column, Entity};

    let clients = Entity::find().filter(Column::KeyHash.eq(hash(key))).filter(Column::RevokedAt.is_null());
    Ok(clients.one(&database.read).await?.is_some())
}

/// Client of a key, once the snapshot has it; waits until it has been read from the log.
pub async fn awaited(registry: &Registry, key: &str) -> Option<Arc<Client>> {
    let mut positions = registry.positions();
    loop {
        if let Some(client) = find(&registry.snapshot(), key) {
            return Some(client.clone());
        }
        positions.changed().await.ok()?;
    }
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
