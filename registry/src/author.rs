//! Who writes to the registry, and which records they may write.

use std::sync::Arc;

use crate::{
    change_log::Actor,
    model::{Client, Organization, Page, Scope},
    snapshot::Snapshot,
    view::Viewer,
};

/// Maximum number of organizations or territories above another one; deeper trees are not valid.
const MAX_DEPTH: usize = 64;

/// Who writes: an operator at the command line, who may write everything, or a client with a key.
#[derive(Clone, Debug)]
pub struct Author {
    actor: Actor,
    client: Option<Arc<Client>>,
}

impl Author {
    /// An operator at the command line.
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, client: None }
    }

    /// A client with a key.
    pub fn client(client: Arc<Client>) -> Self {
        Self { actor: Actor::Client(client.name.clone()), client: Some(client) }
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

    /// The only platform whose records the author may write; `None` for all.
    pub fn platform_id(&self) -> Option<i64> {
        self.limit(|client| client.platform_id)
    }

    /// What the author may see; an operator at the command line sees everything.
    pub fn viewer(&self) -> Viewer {
        self.client.as_deref().map_or(Viewer::Reviewer, Viewer::from)
    }

    /// Whether the author has a scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.client.as_ref().is_none_or(|client| client.scopes.contains(&scope))
    }

    /// The author with the present state of the client; `None` if its key was revoked meanwhile.
    pub fn renewed(&self, snapshot: &Snapshot) -> Option<Self> {
        let Some(known) = &self.client else { return Some(self.clone()) };
        let client = snapshot.clients().get(&known.id).filter(|client| client.revoked_at.is_none())?;
        Some(Self { actor: self.actor.clone(), client: Some(client.clone()) })
    }

    /// Whether the author may write the records of a platform.
    pub fn reaches_platform(&self, platform_id: i64) -> bool {
        self.platform_id().is_none_or(|only| only == platform_id)
    }

    /// Whether the author may write an organization: it is the client's, below it, or in the client's territory.
    pub fn reaches_organization(&self, snapshot: &Snapshot, organization: &Organization) -> bool {
        let is_below = |only: i64| {
            let parent = |id: &i64| snapshot.organization(*id)?.parent_id;
            organization.id == only
                || std::iter::successors(organization.parent_id, parent).take(MAX_DEPTH).any(|id| id == only)
        };
        let is_in = match organization.territory_id {
            Some(territory_id) => self.reaches_territory(snapshot, territory_id),
            None => self.limit(|client| client.territory_id).is_none(),
        };
        is_in && self.limit(|client| client.organization_id).is_none_or(is_below)
    }

    /// Whether the author may write records of a territory: it is the client's or lies in it.
    pub fn reaches_territory(&self, snapshot: &Snapshot, territory_id: i64) -> bool {
        let parent = |id: &i64| snapshot.territory(*id)?.parent_id;
        self.limit(|client| client.territory_id).is_none_or(|only| {
            std::iter::successors(Some(territory_id), parent).take(MAX_DEPTH).any(|id| id == only)
        })
    }

    /// Whether the author may write a page: it reaches the platform and the owner.
    pub fn reaches_page(&self, snapshot: &Snapshot, page: &Page) -> bool {
        self.reaches_platform(page.platform_id)
            && snapshot
                .organization(page.owner_id)
                .is_some_and(|owner| self.reaches_organization(snapshot, owner))
    }

    fn limit(&self, of: impl Fn(&Client) -> Option<i64>) -> Option<i64> {
        self.client.as_deref().and_then(of)
    }
}
