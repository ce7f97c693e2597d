//! The client of the request, as a field of the response.

use async_graphql::{Context, Enum, Object};
use registry::{model::Client, snapshot::Kinds, view::View};

use crate::graphql::{
    kit::{
        context::{Caller, Pinned},
        field_policy::{FieldPolicy, TypePolicy},
    },
    platform::Platform,
};

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("viewer", Kinds::REGISTRY).personal()]),
    TypePolicy::new("Viewer", Kinds::REGISTRY, &["name", "scopes", "platform"]),
];

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

/// Client that sent the request, by its key.
pub struct Viewer<'a> {
    view: &'a View,
    client: &'a Client,
}

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

    /// Platform to whose pages the key is limited when it submits statistics; null for all platforms.
    async fn platform(&self) -> Option<Platform<'a>> {
        self.view.platform(self.client.platform_id?).map(Platform)
    }
}

/// Root field of the client.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Client that sent the request; null without a key.
    async fn viewer<'a>(&self, ctx: &Context<'a>) -> Option<Viewer<'a>> {
        let Caller(client) = ctx.data_opt::<Caller>()?;
        Some(Viewer { view: ctx.view(), client })
    }
}
