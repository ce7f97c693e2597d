//! State of an API client and of its keys.

use chrono::{DateTime, Utc};
use entities::{client::Model, client_key};
use serde::{Deserialize, Serialize};

use super::{Scope, boxed, from_column, owned, to_column};

/// An API client and the hashes of its keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredClient")]
#[allow(missing_docs)]
pub struct Client {
    pub id: i64,
    pub name: Box<str>,
    pub scopes: Vec<Scope>,
    /// By id.
    pub keys: Vec<ClientKey>,
    /// The only platform whose records the client may write and review; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<i64>,
    /// The only organization, with all below it, whose records the client may write and review; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<i64>,
    /// The only territory, with all in it, whose records the client may write and review; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub territory_id: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key of a client. The key itself is never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ClientKey {
    /// Unique among the keys of all clients.
    pub id: i64,
    /// Hexadecimal BLAKE3 of the key.
    pub key_hash: Box<str>,
    /// First characters of the key; `None` if it was created before they were stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Box<str>>,
    /// What the key is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<str>>,
    pub created_at: DateTime<Utc>,
    /// Timestamp from which on the key is no longer valid; `None` if it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A client as it is in the log. Before clients could have several keys, the client had the hash of its only key.
#[derive(Deserialize)]
struct StoredClient {
    id: i64,
    name: Box<str>,
    scopes: Vec<Scope>,
    key_hash: Option<Box<str>>,
    #[serde(default)]
    keys: Vec<ClientKey>,
    platform_id: Option<i64>,
    organization_id: Option<i64>,
    territory_id: Option<i64>,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<StoredClient> for Client {
    fn from(stored: StoredClient) -> Self {
        // The migration of the tables made the same key: it has the id of its client.
        let only = stored.key_hash.map(|key_hash| ClientKey {
            id: stored.id,
            key_hash,
            prefix: None,
            label: None,
            created_at: stored.created_at,
            expires_at: None,
            revoked_at: None,
        });
        Self {
            id: stored.id,
            name: stored.name,
            scopes: stored.scopes,
            keys: only.into_iter().chain(stored.keys).collect(),
            platform_id: stored.platform_id,
            organization_id: stored.organization_id,
            territory_id: stored.territory_id,
            created_at: stored.created_at,
            revoked_at: stored.revoked_at,
        }
    }
}

impl Client {
    /// Builds a client from its rows.
    ///
    /// # Errors
    /// When a JSON column is invalid.
    pub fn from_rows(row: Model, keys: Vec<client_key::Model>) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name.into(),
            scopes: from_column(&row.scopes)?,
            keys: keys.into_iter().map(ClientKey::from).collect(),
            platform_id: row.platform_id,
            organization_id: row.organization_id,
            territory_id: row.territory_id,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        })
    }

    /// Rows of the keys.
    pub fn key_rows(&self) -> impl Iterator<Item = client_key::Model> + '_ {
        self.keys.iter().map(|key| client_key::Model {
            id: key.id,
            client_id: self.id,
            key_hash: key.key_hash.to_string(),
            prefix: owned(&key.prefix),
            label: owned(&key.label),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        })
    }

    /// Whether the client has a scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Key of the client with this id.
    pub fn key(&self, id: i64) -> Option<&ClientKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Whether the client has a key with this id, and neither is revoked nor the key expired at a timestamp.
    pub fn accepts(&self, key_id: i64, at: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.key(key_id).is_some_and(|key| key.is_valid_at(at))
    }
}

impl ClientKey {
    /// Whether the key is neither revoked nor expired at a timestamp.
    pub fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && !self.is_expired_at(at)
    }

    /// Whether the key is expired at a timestamp.
    pub fn is_expired_at(&self, at: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= at)
    }
}

impl From<client_key::Model> for ClientKey {
    fn from(row: client_key::Model) -> Self {
        Self {
            id: row.id,
            key_hash: row.key_hash.into(),
            prefix: boxed(row.prefix),
            label: boxed(row.label),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

impl From<&Client> for Model {
    fn from(record: &Client) -> Self {
        Self {
            id: record.id,
            name: record.name.to_string(),
            scopes: to_column(&record.scopes),
            platform_id: record.platform_id,
            organization_id: record.organization_id,
            territory_id: record.territory_id,
            created_at: record.created_at,
            revoked_at: record.revoked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn a_client_from_before_it_could_have_several_keys_has_the_one_that_it_had() {
        let stored = r#"{"id":7,"name":"Rutube","scopes":["READ","STATISTICS"],"key_hash":"ab","platform_id":4,
            "created_at":"2026-11-22T07:06:00Z","revoked_at":null}"#;
        let client: Client = serde_json::from_str(stored).expect("a client");
        let key = &client.keys[0];
        assert_eq!((client.keys.len(), key.id, &*key.key_hash), (1, 7, "ab"));
        assert_eq!((key.created_at, client.platform_id), (client.created_at, Some(4)));
        let written = serde_json::to_string(&client).expect("it is written");
        assert_eq!(serde_json::from_str::<Client>(&written).expect("a client"), client);
    }

    #[test]
    fn a_key_is_valid_until_it_expires_or_it_or_its_client_is_revoked() {
        let stored = r#"{"id":1,"name":"a","scopes":[],"keys":[{"id":3,"key_hash":"ab","created_at":"2026-11-22T07:06:00Z",
            "expires_at":"2026-12-01T00:00:00Z"}],"created_at":"2026-11-22T07:06:00Z","revoked_at":null}"#;
        let client: Client = serde_json::from_str(stored).expect("a client");
        let (before, after) = (at("2026-11-30T23:59:59Z"), at("2026-12-01T00:00:00Z"));
        assert!(client.accepts(3, before) && !client.accepts(3, after) && !client.accepts(1, before));
        let revoked = Client { revoked_at: Some(before), ..client.clone() };
        assert!(!revoked.accepts(3, before));
        let mut without = client;
        without.keys[0].revoked_at = Some(before);
        assert!(!without.accepts(3, before));
    }
}
