//! GraphQL types of the change feed.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::change::SubjectType;
use registry::{
    change_log::{self, Entry, Registry},
    snapshot,
    view::{self, View},
};

use super::object::{ChangeKind, ChangeRole, role};
use crate::graphql::{
    kit::{
        connection::{Connection, Edge, PageInfo},
        id,
        scalar::{DateTime, SafeInt},
        sequential::{SequentialList, SequentialObject, resolve_sequentially},
    },
    node::{self, Node},
    platform::Platform,
    territory::Territory,
};

/// Type of the subject of a change.
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
    /// An obligation rule.
    ObligationRule,
    /// An exemption from an obligation rule.
    Exemption,
    /// An abbreviation used by search.
    Abbreviation,
    /// Statistics of a platform's pages.
    Statistics,
    /// A national indicator published by a third party.
    Indicator,
    /// A rating methodology.
    Methodology,
    /// A published rating.
    Rating,
    /// A country data pack that was loaded.
    Pack,
    /// A completed import of a file.
    ImportJob,
    /// A value that an import gives for a pinned field; for reviewers only.
    Proposal,
}

/// Entry of the change log.
pub struct Change<'a> {
    pub(super) view: &'a View,
    pub(super) entry: Entry,
    pub(super) is_removal: bool,
}

/// Entry of the change log.
#[Object]
impl<'a> Change<'a> {
    /// Sequence number of the change.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.entry.seq)
    }

    /// Timestamp of the change.
    async fn at(&self) -> DateTime {
        DateTime(self.entry.at)
    }

    /// Kind of the change.
    async fn kind(&self) -> ChangeKind {
        self.entry.kind.into()
    }

    /// Type of the subject.
    async fn subject_type(&self) -> ChangeSubject {
        self.entry.subject_type.into()
    }

    /// Global id of the subject; it never changes.
    async fn subject_id(&self) -> ID {
        id::global(self.entry.subject_type.name(), self.entry.subject_id)
    }

    /// Current state of the subject; null if it is no longer visible or its type is not a `Node`.
    async fn subject(&self) -> Option<SequentialObject<Node<'a>>> {
        node::of(self.view, self.entry.subject_type, self.entry.subject_id).map(SequentialObject)
    }

    /// Whether the subject must be removed from copies: the change hid it from the public, whoever reads, or moved it out of the
    /// filter's territories. A null `subject` of a type that is a `Node` must be removed, too: a later change hid it.
    async fn is_removal(&self) -> bool {
        self.is_removal
    }

    /// Platform of the subject; null if it has none.
    async fn platform(&self) -> Option<Platform<'a>> {
        self.view.platform(self.entry.platform_id?).map(Platform)
    }

    /// Territory of the subject after the change; null if it has none, or the change hid it.
    async fn territory(&self) -> Option<SequentialObject<Territory<'a>>> {
        self.view.territory(self.entry.territory_id?).map(Territory).map(SequentialObject)
    }

    /// Territory of the subject before the change, if the change moved or hid it; null if the subject was not public there.
    async fn former_territory(&self) -> Option<SequentialObject<Territory<'a>>> {
        self.view.territory(self.entry.former_territory_id?).map(Territory).map(SequentialObject)
    }

    /// Role of the actor that made the change.
    async fn role(&self) -> ChangeRole {
        role(&self.entry.actor)
    }

    /// Reason for the change; null if none was given.
    async fn reason(&self) -> Option<&str> {
        self.entry.reason.as_deref()
    }
}

resolve_sequentially!(Change<'_>);

/// Relay connection over the change log, oldest change first.
pub struct ChangeConnection<'a> {
    pub(super) window: Connection<Change<'a>>,
    pub(super) seq: i64,
    pub(super) epoch: std::sync::Arc<str>,
}

/// Relay connection over the change log, oldest change first.
#[Object]
impl<'a> ChangeConnection<'a> {
    /// Edges: changes with their cursors.
    async fn edges(&self) -> SequentialList<&Edge<Change<'a>>> {
        self.window.items()
    }

    /// Changes without cursors.
    async fn nodes(&self) -> SequentialList<&Change<'a>> {
        self.window.item_nodes()
    }

    /// Pagination information; `endCursor` is never null, even if there are no changes.
    async fn page_info(&self) -> PageInfo {
        self.window.bounds()
    }

    /// Latest signed receipt of the change log, with which a client can check later that the log was not altered; null if
    /// there is none.
    async fn receipt(&self, ctx: &Context<'_>) -> Option<Receipt> {
        let registry: &Registry = ctx.data_unchecked();
        registry.receipt().map(|receipt| Receipt::from(&*receipt))
    }

    /// Identifier of the database's history; empty before the first break. If it differs from an earlier response, the
    /// database was restored to an earlier state, and changes that were read may be lost.
    async fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Sequence number up to which the change log was read.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.seq)
    }
}

/// Signed statement of the state of the change log at one time.
#[derive(SimpleObject)]
pub struct Receipt {
    /// Hash of the registry's first change, in hexadecimal.
    registry: String,
    /// Sequence number of the last change that the receipt covers.
    seq: SafeInt,
    /// Hash of that change, in hexadecimal.
    hash: String,
    /// Timestamp of the signature, exactly as it was signed.
    at: String,
    /// Ed25519 public key that verifies the signature, in base64url.
    public_key: String,
    /// Signature, in base64url, over the text `registry receipt 1`, registry, seq, hash and at, each followed by a line feed.
    signature: String,
}

impl From<&change_log::Receipt> for Receipt {
    fn from(receipt: &change_log::Receipt) -> Self {
        let change_log::Receipt { registry, seq, hash, at, public_key, signature } = receipt.clone();
        Self { registry, seq: SafeInt(seq), hash, at, public_key, signature }
    }
}

/// Digests of the public records that a copy kept by the change feed holds, for comparison with it.
#[derive(SimpleObject)]
pub struct RegistryDigest {
    /// Sequence number of the change log that the digests reflect.
    pub seq: SafeInt,
    /// Digest of the pages. A line has: id, platform code, native id, handle, handles of aliases, URL, title, page type, owner's
    /// code, co-owners' codes, office title, languages, category, lifecycle, availability, state, method and timestamp of the mark,
    /// widget, `registeredAt`, `validFrom`, source, `updatedAt`.
    pub pages: RecordDigest,
    /// Digest of the organizations. A line has: id, kind (`AUTHORITY` or `INSTITUTION`), code, name, short name, level and branch
    /// of an authority, sector code of an institution, territory code, parent's code, website, status, successors' codes, identifiers
    /// (scheme, space, value), `validFrom`, `validTo`, source, `createdAt`, `updatedAt`.
    pub organizations: RecordDigest,
}

/// Digest of a set of records. Each record is a line of UTF-8 text: its fields joined by U+001F; the items of a list sorted by
/// their bytes and joined by U+001E; null as empty text; timestamps as `2026-11-22T07:06:00Z`, fractions of a second cut off.
#[derive(SimpleObject)]
pub struct RecordDigest {
    /// Number of records.
    pub count: SafeInt,
    /// Sum of the SHA-256 hashes of all lines, each read as a big-endian number, modulo 2^256, as 64 hexadecimal digits.
    pub digest: String,
}

impl RegistryDigest {
    pub(super) fn new(seq: i64, view::RegistryDigest { pages, organizations }: view::RegistryDigest) -> Self {
        Self { seq: SafeInt(seq), pages: pages.into(), organizations: organizations.into() }
    }
}

impl From<snapshot::RecordDigest> for RecordDigest {
    fn from(digest: snapshot::RecordDigest) -> Self {
        Self { count: SafeInt::from(digest.count()), digest: digest.to_hex() }
    }
}
