//! The client of the request, as a field of the response.

use async_graphql::{Context, Object};
use registry::{
    api_client::AuthenticatedClient, change_log::Registry, model::ClientKey as Key, snapshot::Kinds,
    view::View,
};

use crate::graphql::{
    client::{ClientKey, KeyScope, KeyUses},
    kit::{
        context::{Caller, Pinned},
        field_policy::{FieldPolicy, Items, TypePolicy},
        sequential::{SequentialList, SequentialObject, resolve_sequentially},
    },
    organization::Organization,
    platform::Platform,
    territory::Territory,
};

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("viewer", Kinds::REGISTRY).personal()]),
    TypePolicy::new(
        "Viewer",
        Kinds::REGISTRY,
        &["name", "scopes", "platform", "organization", "territory", "key"],
    )
    .and(&[FieldPolicy::new("keys", Kinds::REGISTRY).items(Items::Times(3))]),
];

/// Client that sent the request, by its key.
pub struct Viewer<'a> {
    view: &'a View,
    client: &'a AuthenticatedClient,
    uses: KeyUses,
}

resolve_sequentially!(Viewer<'_>);

/// Client that sent the request, by its key.
#[Object]
impl<'a> Viewer<'a> {
    /// Name of the client's key.
    async fn name(&self) -> &'a str {
        &self.client.name
    }

    /// What the key allows; at most 9.
    async fn scopes(&self) -> Vec<KeyScope> {
        self.client.scopes.iter().map(|scope| (*scope).into()).collect()
    }

    /// Platform to whose pages the key is limited when it writes, submits statistics and reads what is not public; null for all
    /// platforms.
    async fn platform(&self) -> Option<Platform<'a>> {
        self.view.platform(self.client.platform_id?).map(Platform)
    }

    /// Organization to which the key is limited likewise, with all organizations below it; null for all organizations, and if
    /// the organization is no longer public.
    async fn organization(&self) -> Option<SequentialObject<Organization<'a>>> {
        let organization = self.view.organization(self.client.organization_id?);
        organization.map(Organization::from).map(SequentialObject)
    }

    /// Territory to which the key is limited likewise, with all territories in it; null for all territories.
    async fn territory(&self) -> Option<SequentialObject<Territory<'a>>> {
        self.view.territory(self.client.territory_id?).map(Territory).map(SequentialObject)
    }

    /// Key of the request.
    async fn key(&self) -> Option<SequentialObject<ClientKey<'a>>> {
        self.client.key().map(|key| SequentialObject(self.key_object(key)))
    }

    /// Keys of the client, the oldest first, also revoked and expired ones; at most 100.
    async fn keys(&self) -> SequentialList<ClientKey<'a>> {
        SequentialList(self.client.keys.iter().map(|key| self.key_object(key)).collect())
    }
}

impl<'a> Viewer<'a> {
    fn key_object(&self, key: &'a Key) -> ClientKey<'a> {
        ClientKey::new(key, self.uses.clone())
    }
}

/// Root field of the client.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Client that sent the request; null without a key.
    async fn viewer<'a>(&self, ctx: &Context<'a>) -> Option<SequentialObject<Viewer<'a>>> {
        let Caller(client) = ctx.data_opt::<Caller>()?;
        let uses = KeyUses::new(ctx.data_unchecked::<Registry>());
        Some(SequentialObject(Viewer { view: ctx.view(), client, uses }))
    }
}
