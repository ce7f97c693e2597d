//! GraphQL types of clients and their keys.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object};
use registry::{model, view::View};

use super::key_use::KeyUses;
use crate::graphql::{
    error::Result,
    kit::{
        id,
        scalar::{Date, DateTime},
        sequential::{SequentialList, SequentialObject, resolve_sequentially},
    },
    organization::Organization,
    platform::Platform,
    territory::Territory,
};

/// What a key allows.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::model::Scope")]
pub enum KeyScope {
    /// Read public data, with the limits of keys.
    Read,
    /// Submit pages, and reports of pages.
    Submit,
    /// Also read drafts, proposals and rejected pages.
    Review,
    /// Submit statistics of pages.
    Statistics,
    /// Write to the registry: pages, marks, organizations.
    Write,
    /// Publish ratings.
    Ratings,
    /// Read who changed what, and why.
    Audit,
    /// Create clients and keys, and revoke them.
    Clients,
    /// Use the limits of internal dashboards.
    Internal,
}

/// Client of the API.
pub struct Client {
    view: View,
    record: Arc<model::Client>,
    uses: KeyUses,
}

resolve_sequentially!(Client, ClientKey<'_>);

impl Client {
    /// A client as it is in a view, with the loader of the last use of its keys.
    pub(super) fn new(view: &View, record: Arc<model::Client>, uses: KeyUses) -> Self {
        Self { view: view.clone(), record, uses }
    }

    /// Key of the client with this primary key.
    pub(super) fn key_with(&self, id: i64) -> Option<ClientKey<'_>> {
        self.record.key(id).map(|key| ClientKey::new(key, self.uses.clone()))
    }
}

/// Client of the API: a program or an organization that has keys.
#[Object]
impl Client {
    /// Global id of the client.
    async fn id(&self) -> ID {
        id::global("Client", self.record.id)
    }

    /// Name of the client, which is never reused.
    async fn name(&self) -> &str {
        &self.record.name
    }

    /// What the client's keys allow; at most 9.
    async fn scopes(&self) -> Vec<KeyScope> {
        self.record.scopes.iter().map(|scope| (*scope).into()).collect()
    }

    /// Platform to whose pages the client is limited; null for all platforms.
    async fn platform(&self) -> Option<Platform<'_>> {
        self.view.platform(self.record.platform_id?).map(Platform)
    }

    /// Organization to which the client is limited, with all organizations below it; null for all organizations, and if the
    /// organization is not visible.
    async fn organization(&self) -> Option<SequentialObject<Organization<'_>>> {
        let organization = self.view.organization(self.record.organization_id?);
        organization.map(Organization::from).map(SequentialObject)
    }

    /// Territory to which the client is limited, with all territories in it; null for all territories.
    async fn territory(&self) -> Option<SequentialObject<Territory<'_>>> {
        self.view.territory(self.record.territory_id?).map(Territory).map(SequentialObject)
    }

    /// Keys of the client, the oldest first, also revoked and expired ones; at most 100.
    async fn keys(&self) -> SequentialList<ClientKey<'_>> {
        let key = |key| ClientKey::new(key, self.uses.clone());
        SequentialList(self.record.keys.iter().map(key).collect())
    }

    /// Last day on which any key of the client was used, in the registry's time zone; null if none was. Servers write it within a
    /// minute.
    async fn last_used_on(&self) -> Result<Option<Date>> {
        let ids = self.record.keys.iter().map(|key| key.id).collect();
        Ok(self.uses.last_of_any(ids).await?.map(Date))
    }

    /// Timestamp of the client's creation.
    async fn created_at(&self) -> DateTime {
        DateTime(self.record.created_at)
    }

    /// Timestamp since which the client and all its keys are revoked; null if they are not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.record.revoked_at.map(DateTime)
    }
}

/// Key of a client. The key itself is shown only when it is created.
pub struct ClientKey<'a> {
    record: &'a model::ClientKey,
    uses: KeyUses,
}

impl<'a> ClientKey<'a> {
    /// A key with the loader of its last use.
    pub fn new(record: &'a model::ClientKey, uses: KeyUses) -> Self {
        Self { record, uses }
    }
}

/// Key of a client. The key itself is shown only when it is created.
#[Object]
impl<'a> ClientKey<'a> {
    /// Global id of the key.
    async fn id(&self) -> ID {
        id::global("ClientKey", self.record.id)
    }

    /// First eight characters of the key; null for keys of earlier versions.
    async fn prefix(&self) -> Option<&'a str> {
        self.record.prefix.as_deref()
    }

    /// What the key is for; null if nothing was noted.
    async fn label(&self) -> Option<&'a str> {
        self.record.label.as_deref()
    }

    /// Timestamp of the key's creation.
    async fn created_at(&self) -> DateTime {
        DateTime(self.record.created_at)
    }

    /// Timestamp from which on the key is rejected; null if it does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.record.expires_at.map(DateTime)
    }

    /// Timestamp since which the key is revoked; null if it is not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.record.revoked_at.map(DateTime)
    }

    /// Last day on which the key was used, in the registry's time zone; null if it was not. Servers write it within a minute.
    async fn last_used_on(&self) -> Result<Option<Date>> {
        Ok(self.uses.last(self.record.id).await?.map(Date))
    }
}
