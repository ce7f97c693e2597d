//! Keys of a client: a client can have several, so that one replaces another without a rejected request.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entities::change::SubjectType;

use super::{
    error::{ClientError, ClientErrorCode as Code},
    key::{NewKey, StoredKey},
    rules::{self, ClientReference, is_line},
    service::{ClientIds, NewClient, new_client, put, subject_of},
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{WriteRequest, Written, write_once},
    model::{Client, ClientKey},
    snapshot::Snapshot,
};

/// Maximum number of keys of a client that are neither revoked nor expired.
const MAX_VALID: usize = 10;
/// Maximum number of keys of a client; beyond it, the oldest of the others is removed.
const MAX_KEYS: usize = 100;
/// Maximum number of characters of a label.
const MAX_LABEL: usize = 100;
/// Longest time after which a key expires: ten years.
const MAX_LIFETIME: TimeDelta = TimeDelta::days(3_653);

/// What is set of a new key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTerms {
    /// What the key is for.
    pub label: Option<String>,
    /// Timestamp from which on the key is no longer valid; `None` if it does not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A written key.
pub struct WrittenKey {
    /// What was written.
    pub written: Written<ClientIds>,
    /// The key itself; `None` if the call is repeated, since it is not stored.
    pub key: Option<String>,
}

/// Creates a client with a key.
///
/// # Errors
/// When the key of the author is no longer valid, or the database does not answer. The inner error refuses the client.
pub async fn create_client_with_key(
    registry: &Registry,
    request: WriteRequest,
    input: NewClient,
    terms: KeyTerms,
) -> Result<Result<WrittenKey, ClientError>> {
    let key = NewKey::generate()?;
    let stored = key.stored();
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let client = new_client(change_set, author, input);
        let client = client.and_then(|client| with_key(change_set, client, stored, terms));
        put_with_key(change_set, client)
    };
    let written = write_once(registry, request, |_, _| None, rules).await?;
    Ok(written.map(|written| shown(written, key)))
}

/// Creates another key of a client.
///
/// # Errors
/// As [`create_client_with_key`].
pub async fn create_key(
    registry: &Registry,
    request: WriteRequest,
    client: ClientReference,
    terms: KeyTerms,
) -> Result<Result<WrittenKey, ClientError>> {
    let (key, subject) = (NewKey::generate()?, subject_of(client.clone()));
    let stored = key.stored();
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let client = rules::managed_alive(change_set.snapshot(), author, &client);
        let client = client.and_then(|client| with_key(change_set, Client::clone(&client), stored, terms));
        put_with_key(change_set, client)
    };
    let written = write_once(registry, request, subject, rules).await?;
    Ok(written.map(|written| shown(written, key)))
}

/// Revokes a key: every process rejects it within a second. Changes nothing if it was revoked before.
///
/// # Errors
/// As [`create_client_with_key`].
pub async fn revoke_key(
    registry: &Registry,
    request: WriteRequest,
    key_id: i64,
) -> Result<Result<Written<ClientIds>, ClientError>> {
    let subject = move |snapshot: &Snapshot, author: &Author| {
        let client = holder(snapshot, author, key_id).ok()?;
        Some((SubjectType::Client, client.id))
    };
    let rules = move |change_set: &mut ChangeSet, author: &Author| {
        let now = change_set.now();
        let client = holder(change_set.snapshot(), author, key_id).map(|mut client| {
            for key in client.keys.iter_mut().filter(|key| key.id == key_id) {
                key.revoked_at = key.revoked_at.or(Some(now));
            }
            client
        });
        put(change_set, client, Some(key_id))
    };
    write_once(registry, request, subject, rules).await
}

/// The client that has a key, which the author may manage.
fn holder(snapshot: &Snapshot, author: &Author, key_id: i64) -> Result<Client, ClientError> {
    let holds = |client: &&Arc<Client>| client.key(key_id).is_some();
    let unknown = || ClientError::new(Code::NotFound, "id", "There is no such key; `clients` lists all.");
    let client = snapshot.clients().values().find(holds).ok_or_else(unknown)?;
    let managed = rules::managed(snapshot, author, &ClientReference::Id(client.id));
    match managed {
        Ok(client) => Ok(Client::clone(&client)),
        Err(error) if error.code == Code::NotFound => Err(unknown()),
        Err(error) => Err(error),
    }
}

/// The client with a new key, which is its last one.
fn with_key(
    change_set: &ChangeSet,
    mut client: Client,
    stored: StoredKey,
    terms: KeyTerms,
) -> Result<Client, ClientError> {
    let now = change_set.now();
    let expires_at = terms.expires_at.map(|at| at.trunc_subsecs(0));
    check_terms(&terms, expires_at, now)?;
    let valid = client.keys.iter().filter(|key| key.is_valid_at(now)).count();
    if valid >= MAX_VALID {
        let text = format!("The client has {MAX_VALID} valid keys; revoke one that is no longer used.");
        return Err(ClientError::new(Code::TooManyKeys, "id", text));
    }
    if client.keys.len() >= MAX_KEYS
        && let Some(oldest) = client.keys.iter().position(|key| !key.is_valid_at(now))
    {
        client.keys.remove(oldest);
    }
    client.keys.push(ClientKey {
        id: next_key_id(change_set.snapshot()),
        key_hash: stored.hash,
        prefix: Some(stored.prefix),
        label: terms.label.map(|label| label.trim().into()),
        created_at: now,
        expires_at,
        revoked_at: None,
    });
    Ok(client)
}

fn check_terms(
    terms: &KeyTerms,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), ClientError> {
    if terms.label.as_deref().is_some_and(|label| !is_line(label.trim(), MAX_LABEL)) {
        let text = format!("A label has 1 to {MAX_LABEL} characters, without line breaks.");
        return Err(ClientError::new(Code::InvalidLabel, "label", text));
    }
    if expires_at.is_some_and(|at| at <= now || at > now + MAX_LIFETIME) {
        let text = "A key expires in the future, and at most ten years from now.";
        return Err(ClientError::new(Code::InvalidExpiry, "expiresAt", text));
    }
    Ok(())
}

/// Ids are unique among the keys of all clients; they are assigned under the write lock.
fn next_key_id(snapshot: &Snapshot) -> i64 {
    let keys = snapshot.clients().values().flat_map(|client| client.keys.iter());
    keys.map(|key| key.id).max().unwrap_or(0) + 1
}

fn put_with_key(
    change_set: &mut ChangeSet,
    client: Result<Client, ClientError>,
) -> Result<Result<ClientIds, ClientError>> {
    let key_id = client.as_ref().ok().and_then(|client| client.keys.last()).map(|key| key.id);
    put(change_set, client, key_id)
}

/// The key is shown once: it is not stored, so a repeated call does not have it.
fn shown(written: Written<ClientIds>, NewKey { key }: NewKey) -> WrittenKey {
    let key = (!written.is_replayed).then_some(key);
    WrittenKey { written, key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_expires_in_the_future_and_within_ten_years() {
        let now: DateTime<Utc> = "2026-11-22T07:06:00Z".parse().expect("a timestamp");
        for (after, is_valid) in [(-1, false), (0, false), (1, true), (86_400 * 3_653, true)] {
            let at = Some(now + TimeDelta::seconds(after));
            assert_eq!(check_terms(&KeyTerms::default(), at, now).is_ok(), is_valid, "{after}");
        }
        let late = Some(now + TimeDelta::days(3_654));
        assert!(check_terms(&KeyTerms::default(), late, now).is_err());
    }
}
