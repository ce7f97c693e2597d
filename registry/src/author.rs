//! Who writes to the registry, and which records they may write.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    change_log::Actor,
    model::{Client, Organization, Page, Reach, Scope, SourceRank},
    snapshot::Snapshot,
    view::{View, Viewer},
};

/// Who writes: an operator at the command line, who may write everything, or a client with a key.
#[derive(Clone, Debug)]
pub struct Author {
    actor: Actor,
    client: Option<Arc<Client>>,
    /// The key that the client sent, if it is known.
    key_id: Option<i64>,
}

impl Author {
    /// An operator at the command line.
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, client: None, key_id: None }
    }

    /// A client with a key.
    pub fn client(client: Arc<Client>) -> Self {
        Self { actor: Actor::Client(client.name.clone()), client: Some(client), key_id: None }
    }

    /// The client with the key that it sent: the author is refused once this key is no longer valid.
    pub fn with_key(self, key_id: i64) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// Actor of the changes.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Id of the client; `None` at the command line.
    pub fn client_id(&self) -> Option<i64> {
        self.client.as_ref().map(|client| client.id)
    }

    /// Name that sources of fields and decisions have.
    pub fn name(&self) -> &str {
        self.client.as_ref().map_or("operator", |client| &client.name)
    }

    /// Precedence of what the author writes: that of the platform or of the authority that its client is limited to, or
    /// else that of an operator.
    pub fn rank(&self) -> SourceRank {
        match self.client.as_deref() {
            Some(client) if client.platform_id.is_some() => SourceRank::Platform,
            Some(client) if client.organization_id.is_some() || client.territory_id.is_some() => {
                SourceRank::Authority
            }
            _ => SourceRank::Operator,
        }
    }

    /// The only platform whose records the author may write; `None` for all.
    pub fn platform_id(&self) -> Option<i64> {
        self.reach().platform_id
    }

    /// What the author may see; an operator at the command line sees everything.
    pub fn viewer(&self) -> Viewer {
        self.client.as_deref().map_or(Viewer::Reviewer, Viewer::from)
    }

    /// Whether the author may see a page.
    pub fn sees_page(&self, snapshot: &Snapshot, page: &Page) -> bool {
        View::new(Arc::new(snapshot.clone()), self.viewer()).page(page.id).is_some()
    }

    /// Whether the author has a scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.client.as_ref().is_none_or(|client| client.has(scope))
    }

    /// The author with the present state of the client; `None` if the client or its key was revoked, or the key is expired at
    /// a timestamp.
    pub fn renewed(&self, snapshot: &Snapshot, at: DateTime<Utc>) -> Option<Self> {
        let Some(known) = &self.client else { return Some(self.clone()) };
        let client = snapshot.clients().get(&known.id).filter(|client| match self.key_id {
            Some(key_id) => client.accepts(key_id, at),
            None => client.revoked_at.is_none(),
        })?;
        Some(Self { client: Some(client.clone()), ..self.clone() })
    }

    /// Limits of the author; none at the command line.
    pub fn reach(&self) -> Reach {
        self.client.as_deref().map(Reach::from).unwrap_or_default()
    }

    /// Whether the author may write the records of a platform.
    pub fn reaches_platform(&self, platform_id: i64) -> bool {
        self.reach().has_platform(platform_id)
    }

    /// Whether the author may write an organization: it is the client's or below it, and in the client's territory.
    pub fn reaches_organization(&self, snapshot: &Snapshot, organization: &Organization) -> bool {
        self.reach().has_organization(snapshot, organization)
    }

    /// Whether the author may write records of a territory: it is the client's or lies in it.
    pub fn reaches_territory(&self, snapshot: &Snapshot, territory_id: i64) -> bool {
        self.reach().has_territory(snapshot, territory_id)
    }

    /// Whether the author may write a page: it reaches the platform and the owner.
    pub fn reaches_page(&self, snapshot: &Snapshot, page: &Page) -> bool {
        self.reach().has_page(snapshot, page)
    }
}
