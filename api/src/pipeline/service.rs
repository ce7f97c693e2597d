//! All that answering a GraphQL request needs.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{Executor, ValidationMode, registry::Registry as TypeRegistry};
use axum::http::HeaderValue;
use ipnet::IpNet;
use registry::{change_log::Registry, search::SearchIndex, statistics::MonthCache};

use super::{
    body_budget::BodyBudget, endpoint::Endpoint, load_shedder::LoadShedder, rate_limit_headers::Policies,
};
use crate::{
    config::settings::Settings,
    document::{ClientTiers, FieldPolicies, persisted::Persisted},
    graphql::schema::{self, PrivateSchema, Schema, SubgraphSchema},
    rate_limit::RateLimiter,
    response_cache::ResponseCache,
};

/// Answers GraphQL requests about one registry: its schemas, its limits, its response cache. Cheap to clone.
#[derive(Clone)]
pub struct GraphqlService {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    search: SearchIndex,
    months: MonthCache,
    public: Endpoint<Schema>,
    private: Endpoint<PrivateSchema>,
    subgraph: Endpoint<SubgraphSchema>,
    rate_limiter: RateLimiter,
    policies: Policies,
    response_cache: ResponseCache,
    load_shedder: LoadShedder,
    bodies: BodyBudget,
    persisted: Persisted,
    any_document: Persisted,
    settings: Arc<Settings>,
}

impl GraphqlService {
    /// Builds the service over a registry.
    pub fn new(registry: Registry, settings: Arc<Settings>) -> Self {
        let types = (Arc::new(schema::types()), Arc::new(FieldPolicies::new(schema::policies())));
        let inner = Inner {
            months: MonthCache::new(registry.database()),
            rate_limiter: RateLimiter::new(settings.shared.clone(), *registry.secret()),
            registry,
            search: SearchIndex::default(),
            public: endpoint(schema::build, &types),
            private: endpoint(schema::build_private, &types),
            subgraph: endpoint(schema::build_subgraph, &types),
            policies: Policies::new(&settings.client_tiers),
            load_shedder: LoadShedder::new(settings.max_requests),
            bodies: BodyBudget::default(),
            response_cache: ResponseCache::new(settings.cache_bytes, settings.shared.clone()),
            any_document: Persisted::default(),
            persisted: Persisted::new(settings.documents.clone(), settings.only_listed_documents),
            settings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The registry that is served.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The search index of the registry; built once it is started.
    pub fn search(&self) -> &SearchIndex {
        &self.inner.search
    }

    /// Months of pages' figures that are kept in memory.
    pub fn months(&self) -> &MonthCache {
        &self.inner.months
    }

    /// What everyone may ask.
    pub fn public(&self) -> &Endpoint<Schema> {
        &self.inner.public
    }

    /// What clients with a key may ask and write.
    pub fn private(&self) -> &Endpoint<PrivateSchema> {
        &self.inner.private
    }

    /// What federation routers may ask.
    pub fn subgraph(&self) -> &Endpoint<SubgraphSchema> {
        &self.inner.subgraph
    }

    /// How much everyone may ask for.
    pub fn client_tiers(&self) -> &ClientTiers {
        &self.inner.settings.client_tiers
    }

    /// What everyone is told of it.
    pub fn policies(&self) -> &Policies {
        &self.inner.policies
    }

    /// Proxies whose word on the client's address is taken.
    pub fn trusted_proxies(&self) -> &[IpNet] {
        &self.inner.settings.trusted_proxies
    }

    /// Other sites whose pages may send requests with a key from a browser.
    pub fn origins(&self) -> &[HeaderValue] {
        &self.inner.settings.origins
    }

    /// Documents that are named by their hashes.
    pub fn persisted(&self) -> &Persisted {
        &self.inner.persisted
    }

    /// The same for those who may send any document, whatever is listed.
    pub fn any_document(&self) -> &Persisted {
        &self.inner.any_document
    }

    /// How much everyone has asked for.
    pub fn rate_limiter(&self) -> &RateLimiter {
        &self.inner.rate_limiter
    }

    /// Points that so much processor time is worth.
    pub fn points_for(&self, time: Duration) -> u64 {
        let each = self.inner.settings.point_time;
        each.map_or(0, |each| (time.as_nanos() / each.as_nanos().max(1)).try_into().unwrap_or(u64::MAX))
    }

    /// Answers that are kept.
    pub fn response_cache(&self) -> &ResponseCache {
        &self.inner.response_cache
    }

    /// Room for answers that are being made.
    pub fn load_shedder(&self) -> &LoadShedder {
        &self.inner.load_shedder
    }

    /// Room for bodies of requests.
    pub fn bodies(&self) -> &BodyBudget {
        &self.inner.bodies
    }

    /// Whether the snapshot may be too far behind the log to be relied on.
    pub fn is_lagging(&self) -> bool {
        self.inner.registry.lag() > self.inner.settings.max_lag
    }

    /// Seconds for which caches in front of us may send an answer that everyone may see.
    pub fn public_max_age(&self) -> u64 {
        self.inner.settings.public_max_age
    }

    /// Hash of the version and of the contract: others may answer the same question differently.
    pub fn edition(&self) -> &[u8] {
        static EDITION: LazyLock<blake3::Hash> = LazyLock::new(|| {
            blake3::hash(format!("{} {}", env!("CARGO_PKG_VERSION"), schema::sdl()).as_bytes())
        });
        EDITION.as_bytes()
    }
}

fn endpoint<E: Executor>(
    schema: impl Fn(ValidationMode) -> E,
    types: &(Arc<TypeRegistry>, Arc<FieldPolicies>),
) -> Endpoint<E> {
    Endpoint::new(schema(ValidationMode::Strict), schema(ValidationMode::Fast), types.clone())
}
