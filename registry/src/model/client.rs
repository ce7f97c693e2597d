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
    /// The only platform whose records the client may write; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<i64>,
    /// The only organization, with all below it, whose records the client may write; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<i64>,
    /// The only territory, with all in it, whose records the client may write; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory_id: Option<i64>,
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
    /// Submit pages and reports of pages.
    Submit,
    /// Submit page statistics.
    Statistics,
    /// Write to the registry: pages, marks, organizations.
    Write,
    /// Publish ratings.
    Ratings,
    /// Read who changed what, and why.
    Audit,
    /// Create clients and keys, and revoke them.
    Clients,
    /// Use the request limits of internal dashboards.
    Internal,
}

impl Scope {
    /// All scopes.
    pub const ALL: &[Self] = &[
        Self::Read,
        Self::Submit,
        Self::Statistics,
        Self::Review,
        Self::Write,
        Self::Ratings,
        Self::Audit,
        Self::Clients,
        Self::Internal,
    ];

    /// Name of the scope on the command line, in tokens and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "registry:read",
            Self::Submit => "pages:submit",
            Self::Statistics => "statistics:write",
            Self::Review => "pages:review",
            Self::Write => "registry:write",
            Self::Ratings => "ratings:publish",
            Self::Audit => "audit:read",
            Self::Clients => "clients:admin",
            Self::Internal => "limits:internal",
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
            organization_id: row.organization_id,
            territory_id: row.territory_id,
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
            organization_id: record.organization_id,
            territory_id: record.territory_id,
            created_at: record.created_at,
            revoked_at: record.revoked_at,
        }
    }
}
