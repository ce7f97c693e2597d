//! GraphQL types of federation.

use async_graphql::{ContextSelectionSet, Object, Union};
use registry::{verification::Verdict, view::PageView};

use crate::graphql::{
    authority::Authority,
    institution::Institution,
    kit::{
        id::NativeId,
        sequential::{ResolveFuture, ResolveSequentially, SequentialObject, resolve_sequentially},
    },
    node::Node,
    page::Page,
    platform::Platform,
    territory::Territory,
    verification::PageVerdict,
};

/// Object that other subgraphs extend or refer to by a key.
#[derive(Union)]
#[graphql(name = "_Entity")]
pub enum Entity<'a> {
    /// State or local government body.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Official page of an organization on one platform.
    Page(Page<'a>),
    /// Social platform that hosts pages.
    Platform(Platform<'a>),
    /// Account on a platform.
    PlatformAccount(PlatformAccount<'a>),
    /// Country, district, region, municipality or settlement.
    Territory(Territory<'a>),
}

impl<'a> From<Node<'a>> for Entity<'a> {
    fn from(node: Node<'a>) -> Self {
        match node {
            Node::Authority(authority) => Self::Authority(authority),
            Node::Institution(institution) => Self::Institution(institution),
            Node::Page(page) => Self::Page(page),
            Node::Platform(platform) => Self::Platform(platform),
            Node::Territory(territory) => Self::Territory(territory),
        }
    }
}

impl ResolveSequentially for Entity<'_> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Self::Authority(authority) => authority.resolve_sequentially(ctx),
            Self::Institution(institution) => institution.resolve_sequentially(ctx),
            Self::Page(page) => page.resolve_sequentially(ctx),
            Self::Platform(platform) => platform.resolve_sequentially(ctx),
            Self::PlatformAccount(account) => account.resolve_sequentially(ctx),
            Self::Territory(territory) => territory.resolve_sequentially(ctx),
        }
    }
}

/// Account on a platform, whether or not the registry knows it.
pub struct PlatformAccount<'a> {
    pub(super) platform_code: String,
    pub(super) native_id: String,
    pub(super) verdict: Verdict,
    pub(super) page: Option<PageView<'a>>,
}

resolve_sequentially!(PlatformAccount<'_>);

/// Account on a platform, whether or not the registry knows it. Other subgraphs refer to it by `platformCode` and `nativeId`;
/// it is never null.
#[Object]
impl<'a> PlatformAccount<'a> {
    /// Code of the platform, as given.
    async fn platform_code(&self) -> &str {
        &self.platform_code
    }

    /// Permanent id of the account on the platform, as given.
    async fn native_id(&self) -> NativeId<'_> {
        NativeId(&self.native_id)
    }

    /// Verdict on the account: `NOT_REGISTERED` if it is not an official page, `UNSUPPORTED_PLATFORM` if the registry does
    /// not know the platform.
    async fn verdict(&self) -> PageVerdict {
        self.verdict.into()
    }

    /// Page of the account; null if the registry has none.
    async fn page(&self) -> Option<SequentialObject<Page<'a>>> {
        self.page.map(Page).map(SequentialObject)
    }
}

/// The registry as a subgraph.
#[derive(Clone, Copy)]
pub struct Service(pub &'static str);

/// The registry as a subgraph.
#[Object(name = "_Service")]
impl Service {
    /// Schema of the subgraph.
    async fn sdl(&self) -> &str {
        self.0
    }
}
