//! GraphQL types of the change feed.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::change::{Audience, SubjectType};
use registry::{
    change_log::{self, Entry, Registry},
    view::View,
};

use super::object::{ChangeKind, ChangeRole, role};
use crate::graphql::{
    kit::{
        connection::{Connection, Edge, PageInfo},
        id,
        scalar::{Count, DateTime},
        sequential::{Items, Ready, in_turn},
    },
    node::{self, Node},
    platform::Platform,
    territory::Territory,
};

/// What kind of thing a change is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SubjectType")]
pub enum ChangeSubject {
    /// A territory.
    Territory,
    /// A sector.
    Sector,
    /// A scheme of identifiers.
    IdentifierScheme,
    /// A platform.
    Platform,
    /// An authority or institution.
    Organization,
    /// A page.
    Page,
    /// A client of the API.
    Client,
    /// A rule that obliges organizations.
    ObligationRule,
    /// An exemption from a rule.
    Exemption,
    /// An abbreviation that search knows.
    Abbreviation,
    /// Figures of a platform's pages.
    Statistics,
    /// A national figure that others published.
    Indicator,
    /// A method of rating.
    Methodology,
    /// A published rating.
    Rating,
    /// Pack of a country's data that was loaded.
    Pack,
    /// Import of a file that has ended.
    ImportJob,
}

/// Change of the registry.
pub struct Change<'a> {
    pub(super) view: &'a View,
    pub(super) entry: Entry,
}

/// Change of the registry.
#[Object]
impl<'a> Change<'a> {
    /// Place of the change in the change log.
    async fn seq(&self) -> Count {
        Count(self.entry.seq.unsigned_abs())
    }

    /// Timestamp of the change.
    async fn at(&self) -> DateTime {
        DateTime(self.entry.at)
    }

    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.entry.kind.into()
    }

    /// What kind of thing the change is about.
    async fn subject_type(&self) -> ChangeSubject {
        self.entry.subject_type.into()
    }

    /// Global id of the subject; it stays the same for ever.
    async fn subject_id(&self) -> ID {
        node::global_id(self.view, self.entry.subject_type, self.entry.subject_id)
    }

    /// Subject as it is now; null where it is no longer to be seen, and for kinds of subjects without a page of their own.
    async fn subject(&self) -> Option<Ready<Node<'a>>> {
        node::of(self.view, self.entry.subject_type, self.entry.subject_id).map(Ready)
    }

    /// Whether the subject is no longer to be seen after the change: a copy of it should be removed.
    async fn is_removal(&self) -> bool {
        self.entry.audience == Some(Audience::Removal)
    }

    /// Platform of the subject; null for subjects without one.
    async fn platform(&self) -> Option<Platform<'a>> {
        self.view.platform(self.entry.platform_id?).map(Platform)
    }

    /// Territory of the subject after the change; null for subjects without one.
    async fn territory(&self) -> Option<Territory<'a>> {
        self.view.territory(self.entry.territory_id?).map(Territory)
    }

    /// Territory of the subject before the change; null where the change did not move it.
    async fn former_territory(&self) -> Option<Territory<'a>> {
        self.view.territory(self.entry.former_territory_id?).map(Territory)
    }

    /// Role in which the change was made.
    async fn role(&self) -> ChangeRole {
        role(&self.entry.actor)
    }

    /// Reason of the change, where one was given.
    async fn reason(&self) -> Option<&str> {
        self.entry.reason.as_deref()
    }
}

in_turn!(Change<'_>);

/// Window of the change log, the oldest change first.
pub struct ChangeConnection<'a> {
    pub(super) window: Connection<Change<'a>>,
    pub(super) last_seq: i64,
    pub(super) epoch: std::sync::Arc<str>,
}

/// Window of the change log, the oldest change first.
#[Object]
impl<'a> ChangeConnection<'a> {
    /// Changes with their cursors.
    async fn edges(&self) -> Items<&Edge<Change<'a>>> {
        self.window.items()
    }

    /// Changes alone.
    async fn nodes(&self) -> Items<&Change<'a>> {
        self.window.item_nodes()
    }

    /// Where the window begins and ends. `endCursor` is where to go on after, in an empty window, too.
    async fn page_info(&self) -> PageInfo {
        self.window.bounds()
    }

    /// Last signed receipt of the change log: keep it, and prove with it later that what was told was not altered; null
    /// where the registry signs none.
    async fn receipt(&self, ctx: &Context<'_>) -> Option<Receipt> {
        let registry: &Registry = ctx.data_unchecked();
        registry.receipt().map(|receipt| Receipt::from(&*receipt))
    }

    /// Name of the database's history; empty before the first break. Where it is another one than before, the database was
    /// restored to an earlier state, and what was read since may be gone.
    async fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Place in the change log that the reader has reached with this window.
    async fn last_seq(&self) -> Count {
        Count(self.last_seq.unsigned_abs())
    }
}

/// Signed statement of what the change log was at a moment.
#[derive(SimpleObject)]
pub struct Receipt {
    /// Hash of the registry's first change, in hexadecimal.
    registry: String,
    /// Place in the change log.
    seq: Count,
    /// Hash of the change at that place, in hexadecimal.
    hash: String,
    /// Moment of the signature, as it was signed.
    at: String,
    /// Ed25519 key that it is signed with, in base64url.
    public_key: String,
    /// Signature, in base64url, over the text `registry receipt 1`, registry, seq, hash and at, each ended by a line feed.
    signature: String,
}

impl From<&change_log::Receipt> for Receipt {
    fn from(receipt: &change_log::Receipt) -> Self {
        let change_log::Receipt { registry, seq, hash, at, public_key, signature } = receipt.clone();
        Self { registry, seq: Count(seq.unsigned_abs()), hash, at, public_key, signature }
    }
}

/// Digest of the public pages, to compare a copy with.
#[derive(SimpleObject)]
pub struct RegistryDigest {
    /// Place in the change log at which the digest is true.
    pub seq: Count,
    /// Number of public pages in it.
    pub pages: Count,
    /// Sum, modulo 2^256, of the SHA-256 hashes of all public pages' lines, as 64 hexadecimal digits. A line is the UTF-8
    /// text of number, platform code, native id, handle, title, lifecycle, mark and owner's code, joined by U+001F; the
    /// number is the last part of the decoded global id, and what is null is empty.
    pub digest: String,
}

/// Global id of a subject of no kind that is a node.
pub(crate) fn plain_id(subject: SubjectType, id: i64) -> ID {
    id::global(&format!("{subject:?}"), id)
}
