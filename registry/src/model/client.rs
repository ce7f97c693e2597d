//! State of an API client.

use chrono::{DateTime, Utc};
use entities::client::Model;
use serde::{Deserialize, Serialize};

use super::{from_column, to_column};

/// An API client and the hash of its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Client {
    pub id: i64,
    pub name: Box<str>,
    pub scopes: Vec<Scope>,
    pub key_hash: Box<str>,
    /// The only platform whose statistics the client may submit; `None` for all platforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// Read public data.
    Read,
    /// Also read drafts, proposals and rejected pages.
    Review,
    /// Submit page statistics.
    Statistics,
    /// Publish ratings.
    Ratings,
    /// Use the request limits of internal dashboards.
    Internal,
}

impl Scope {
    /// Name of the scope on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Review => "review",
            Self::Statistics => "statistics",
            Self::Ratings => "ratings",
            Self::Internal => "internal",
        }
    }
}

impl TryFrom<Model> for Client {
    type Error = anyhow::Error;

    fn try_from(row: Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name.into(),
            scopes: from_column(&row.scopes)?,
            key_hash: row.key_hash.into(),
            platform_id: row.platform_id,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        })
    }
}

impl From<&Client> for Model {
    fn from(record: &Client) -> Self {
        Self {
            id: record.id,
            name: record.name.to_string(),
            scopes: to_column(&record.scopes),
            key_hash: record.key_hash.to_string(),
            platform_id: record.platform_id,
            created_at: record.created_at,
            revoked_at: record.revoked_at,
        }
    }
}
