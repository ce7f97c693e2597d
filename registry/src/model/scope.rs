//! What API clients may do, and with which records.

use serde::{Deserialize, Serialize};

use super::Client;

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// Earlier name of the scope, which the command line still accepts.
    pub fn former_name(self) -> Option<&'static str> {
        match self {
            Self::Read => Some("read"),
            Self::Review => Some("review"),
            Self::Statistics => Some("statistics"),
            Self::Ratings => Some("ratings"),
            Self::Internal => Some("internal"),
            Self::Submit | Self::Write | Self::Audit | Self::Clients => None,
        }
    }

    /// The scope in a set of scopes: a bit of its own.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Whether a limit to a platform, an organization or a territory restricts what the scope allows.
    pub fn is_limitable(self) -> bool {
        !matches!(self, Self::Read | Self::Ratings | Self::Internal)
    }
}

/// Which records a client may write and review: those of one platform, of one organization with all below it, and of one
/// territory with all in it. A record must be within all limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reach {
    /// The only platform; `None` for all.
    pub platform_id: Option<i64>,
    /// The only organization, with all below it; `None` for all.
    pub organization_id: Option<i64>,
    /// The only territory, with all in it; `None` for all.
    pub territory_id: Option<i64>,
}

impl Reach {
    /// Whether there are no limits.
    pub fn is_whole(self) -> bool {
        self == Self::default()
    }
}

impl From<&Client> for Reach {
    fn from(client: &Client) -> Self {
        Self {
            platform_id: client.platform_id,
            organization_id: client.organization_id,
            territory_id: client.territory_id,
        }
    }
}
