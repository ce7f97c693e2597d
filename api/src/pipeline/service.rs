//! Everything that is needed to handle GraphQL requests.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::{ObjectType, SubscriptionType, ValidationMode, registry::Registry as TypeRegistry};
use axum::http::HeaderValue;
use ipnet::IpNet;
use registry::{
    attribution::Attribution,
    change_log::{Registry, RestoredStates},
    idempotency::requests::KeyedRequests,
    search::SearchIndex,
    statistics::MonthCache,
};

use super::{
    body_budget::BodyBudget, endpoint::Endpoint, load_shedder::LoadShedder, permits::KeyedSemaphore,
    rate_limit_headers::Policies,
};
use crate::{
    config::settings::Settings,
    document::{ClientTiers, FieldPolicies, Structures, persisted::Persisted},
    graphql::schema::{self, Contract, PrivateSchema, Schema, SubgraphSchema},
    rate_limit::RateLimiter,
    response_cache::ResponseCache,
};

/// Characters of an invalid document that its message repeats.
const QUOTED: usize = 60;
/// Maximum number of requests of one client that wait for the response to an equal one.
const MAX_WAITING: usize = 64;

/// Service of GraphQL requests on one registry: schemas, limits, response cache. Cheap to clone.
#[derive(Clone)]
pub struct GraphqlService {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    search: SearchIndex,
    months: MonthCache,
    restored_states: RestoredStates,
    public: Endpoint<Schema>,
    private: Endpoint<PrivateSchema>,
    subgraph: Endpoint<SubgraphSchema>,
    rate_limiter: RateLimiter,
    policies: Policies,
    router_tiers: ClientTiers,
    structures: Structures,
    response_cache: ResponseCache,
    load_shedder: LoadShedder,
    bodies: BodyBudget,
    persisted: Persisted,
    any_document: Persisted,
    keyed_requests: KeyedRequests,
    waiting: KeyedSemaphore<i64>,
    settings: Arc<Settings>,
    edition: OnceLock<blake3::Hash>,
}

impl GraphqlService {
    /// Builds the service over a registry.
    pub fn new(registry: Registry, settings: Arc<Settings>) -> Self {
        let types = (Arc::new(schema::types()), Arc::new(FieldPolicies::new(schema::policies())));
        let inner = Inner {
            months: MonthCache::new(registry.database()),
            restored_states: RestoredStates::new(&registry),
            rate_limiter: RateLimiter::new(settings.shared.clone(), *registry.secret()),
            keyed_requests: KeyedRequests::new(&registry),
            waiting: KeyedSemaphore::new(MAX_WAITING),
            registry,
            search: SearchIndex::default(),
            public: endpoint(Contract::Public, |mode| schema::build(mode, &settings.attribution), &types),
            private: endpoint(
                Contract::Partner,
                |mode| schema::build_private(mode, &settings.attribution),
                &types,
            ),
            subgraph: endpoint(
                Contract::Subgraph,
                |mode| schema::build_subgraph(mode, &settings.attribution),
                &types,
            ),
            policies: Policies::new(&settings.client_tiers),
            router_tiers: settings.client_tiers.of_routers(),
            structures: Structures::default(),
            load_shedder: LoadShedder::new(settings.max_requests),
            bodies: BodyBudget::default(),
            response_cache: ResponseCache::new(settings.cache_bytes, settings.shared.clone()),
            any_document: Persisted::default(),
            persisted: Persisted::new(settings.documents.clone(), settings.only_listed_documents),
            settings,
            edition: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The registry that is served.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The search index of the registry; empty until it is built.
    pub fn search(&self) -> &SearchIndex {
        &self.inner.search
    }

    /// Cache of monthly statistics of pages.
    pub fn months(&self) -> &MonthCache {
        &self.inner.months
    }

    /// Past states of the whole registry, to count in.
    pub fn restored_states(&self) -> &RestoredStates {
        &self.inner.restored_states
    }

    /// Endpoint without authentication.
    pub fn public(&self) -> &Endpoint<Schema> {
        &self.inner.public
    }

    /// Endpoint for clients with a key, with mutations and subscriptions.
    pub fn private(&self) -> &Endpoint<PrivateSchema> {
        &self.inner.private
    }

    /// Endpoint for federation routers.
    pub fn subgraph(&self) -> &Endpoint<SubgraphSchema> {
        &self.inner.subgraph
    }

    /// Limits of the client tiers.
    pub fn client_tiers(&self) -> &ClientTiers {
        &self.inner.settings.client_tiers
    }

    /// Limits of the client tiers for documents that federation routers write.
    pub(crate) fn router_tiers(&self) -> &ClientTiers {
        &self.inner.router_tiers
    }

    /// Structures of the documents that federation routers plan.
    pub(crate) fn structures(&self) -> &Structures {
        &self.inner.structures
    }

    /// Rate limit headers of the client tiers.
    pub fn policies(&self) -> &Policies {
        &self.inner.policies
    }

    /// Proxies whose `X-Forwarded-For` is trusted.
    pub fn trusted_proxies(&self) -> &[IpNet] {
        &self.inner.settings.trusted_proxies
    }

    /// Origins that may send requests with a key from a browser.
    pub fn origins(&self) -> &[HeaderValue] {
        &self.inner.settings.origins
    }

    /// Persisted documents.
    pub fn persisted(&self) -> &Persisted {
        &self.inner.persisted
    }

    /// Checks that the listed documents are valid for clients with a key, whose schema contains that of the others.
    ///
    /// # Errors
    /// When one is not.
    pub async fn check_documents(&self) -> anyhow::Result<()> {
        let limits = &self.client_tiers().internal;
        for text in self.inner.settings.documents.values() {
            if let Some(problem) = self.private().problem(text, limits).await {
                let begin: String = text.chars().take(QUOTED).collect();
                anyhow::bail!("DOCUMENTS lists an invalid document, which begins with `{begin}`: {problem}");
            }
        }
        Ok(())
    }

    /// A store without listed documents, for callers that may send any document.
    pub fn any_document(&self) -> &Persisted {
        &self.inner.any_document
    }

    /// Requests with an idempotency key, and their responses.
    pub(crate) fn keyed_requests(&self) -> &KeyedRequests {
        &self.inner.keyed_requests
    }

    /// Permits of requests that wait for the response to an equal one, by id of the client.
    pub(crate) fn waiting(&self) -> &KeyedSemaphore<i64> {
        &self.inner.waiting
    }

    /// Rate limiter of all clients.
    pub fn rate_limiter(&self) -> &RateLimiter {
        &self.inner.rate_limiter
    }

    /// Points for an amount of processor time; 0 if metering is off.
    pub fn points_for(&self, time: Duration) -> u64 {
        let each = self.inner.settings.point_time;
        each.map_or(0, |each| (time.as_nanos() / each.as_nanos().max(1)).try_into().unwrap_or(u64::MAX))
    }

    /// The response cache.
    pub fn response_cache(&self) -> &ResponseCache {
        &self.inner.response_cache
    }

    /// The load shedder.
    pub fn load_shedder(&self) -> &LoadShedder {
        &self.inner.load_shedder
    }

    /// Memory budget of request bodies.
    pub fn bodies(&self) -> &BodyBudget {
        &self.inner.bodies
    }

    /// Whether the snapshot lags behind the change log by more than `MAX_LAG`.
    pub fn is_lagging(&self) -> bool {
        self.inner.registry.lag() > self.inner.settings.max_lag
    }

    /// `s-maxage` of public responses in seconds.
    pub fn public_max_age(&self) -> u64 {
        self.inner.settings.public_max_age
    }

    /// Hash of the program version, the schemas and the settings that responses show: part of cache keys, since another
    /// edition may respond differently.
    pub fn edition(&self) -> &[u8] {
        self.inner.edition.get_or_init(|| edition(&self.inner.settings.attribution)).as_bytes()
    }
}

fn edition(Attribution { source, licence }: &Attribution) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    // The public schema is a part of that for partners.
    for text in [env!("CARGO_PKG_VERSION"), Contract::Partner.sdl(), Contract::Subgraph.sdl()] {
        hasher.update(text.as_bytes());
    }
    hasher.update(format!("{source:?} {licence:?}").as_bytes());
    hasher.finalize()
}

fn endpoint<Q, M, S>(
    contract: Contract,
    schema: impl Fn(ValidationMode) -> async_graphql::Schema<Q, M, S>,
    types: &(Arc<TypeRegistry>, Arc<FieldPolicies>),
) -> Endpoint<async_graphql::Schema<Q, M, S>>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let schemas = (schema(ValidationMode::Strict), schema(ValidationMode::Fast));
    Endpoint::new(schemas, Arc::new(contract.types()), types.clone())
}
