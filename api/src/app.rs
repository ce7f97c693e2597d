//! Everything that a request needs, and the router that hands it over.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    EmptyMutation, EmptySubscription, ObjectType, Schema, ValidationMode, registry::Registry as TypeRegistry,
};
use axum::{
    Router,
    http::HeaderValue,
    middleware,
    routing::{get, post},
};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    change::Registry,
    document::Audiences,
    export::About,
    facts::MonthCache,
    http::{
        self,
        admission::Admission,
        browser,
        endpoint::Endpoint,
        persisted::{Hash, Persisted},
    },
    rate::Rates,
    schema::{self, Mutation, Query, SubgraphQuery},
    search::SearchIndex,
    web,
};

/// The service: one registry, its schemas and its secrets.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    search: SearchIndex,
    months: MonthCache,
    public: Endpoint<Query, EmptyMutation>,
    private: Endpoint<Query, Mutation>,
    subgraph: Endpoint<SubgraphQuery, EmptyMutation>,
    rates: Rates,
    persisted: Persisted,
    settings: Settings,
    gateway_secret: Option<blake3::Hash>,
}

/// How the service is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Secret that federation routers send; without one nobody is let through.
    pub gateway_secret: Option<String>,
    /// Where the data comes from and what may be done with it.
    pub about: About,
    /// How much everyone may ask for.
    pub audiences: Audiences,
    /// Proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests that may wait to be worked on.
    pub max_requests: usize,
    /// Other sites whose pages may send requests with a key from a browser.
    pub origins: Vec<HeaderValue>,
    /// Documents that may be named by their hashes without having been sent before.
    pub documents: HashMap<Hash, Arc<str>>,
    /// Whether no other documents are answered.
    pub only_listed_documents: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway_secret: None,
            about: About::default(),
            audiences: Audiences::default(),
            trusted_proxies: Vec::new(),
            max_requests: MAX_REQUESTS,
            origins: Vec::new(),
            documents: HashMap::new(),
            only_listed_documents: false,
        }
    }
}

/// Requests that may wait to be worked on, unless something else is set.
pub const MAX_REQUESTS: usize = 256;

impl App {
    /// Builds the service over a registry.
    pub fn new(registry: Registry, settings: Settings) -> Self {
        let types = Arc::new(schema::types());
        let inner = Inner {
            months: MonthCache::new(registry.database()),
            registry,
            search: SearchIndex::default(),
            public: endpoint(schema::build, &types),
            private: endpoint(schema::build_private, &types),
            subgraph: endpoint(schema::build_subgraph, &types),
            rates: Rates::default(),
            persisted: Persisted::new(settings.documents.clone(), settings.only_listed_documents),
            gateway_secret: settings.gateway_secret.as_ref().map(|secret| blake3::hash(secret.as_bytes())),
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
    pub fn public(&self) -> &Endpoint<Query, EmptyMutation> {
        &self.inner.public
    }

    /// What clients with a key may ask and write.
    pub fn private(&self) -> &Endpoint<Query, Mutation> {
        &self.inner.private
    }

    /// What federation routers may ask.
    pub fn subgraph(&self) -> &Endpoint<SubgraphQuery, EmptyMutation> {
        &self.inner.subgraph
    }

    /// Hash of the secret that federation routers send.
    pub fn gateway_secret(&self) -> Option<&blake3::Hash> {
        self.inner.gateway_secret.as_ref()
    }

    /// Where the data comes from and what may be done with it.
    pub fn about(&self) -> &About {
        &self.inner.settings.about
    }

    /// How much everyone may ask for.
    pub fn audiences(&self) -> &Audiences {
        &self.inner.settings.audiences
    }

    /// Proxies whose word on the client's address is taken.
    pub fn trusted_proxies(&self) -> &[IpNet] {
        &self.inner.settings.trusted_proxies
    }

    /// Documents that are named by their hashes.
    pub fn persisted(&self) -> &Persisted {
        &self.inner.persisted
    }

    /// How much everyone has asked for.
    pub fn rates(&self) -> &Rates {
        &self.inner.rates
    }

    /// All routes.
    pub fn router(self) -> Router {
        let settings = &self.inner.settings;
        let public = get(http::graphql::public).post(http::graphql::public);
        let private = get(http::graphql::private).post(http::graphql::private);
        let graphql = Router::new()
            .route("/public/graphql", public.layer(browser::any_site()))
            .route("/graphql", private.layer(browser::these_sites(&settings.origins)))
            .route("/subgraph", post(http::subgraph::subgraph))
            .layer(middleware::from_fn_with_state(self.clone(), http::consistency::consistent))
            .layer(middleware::from_fn_with_state(
                Admission::new(settings.max_requests),
                http::admission::admit,
            ));
        let [policy, referrer, sniffing] = browser::plain_data();
        Router::new()
            .merge(graphql)
            .route("/", get(web::start::start))
            .route("/statistics", post(http::statistics::load))
            .route("/export/{file}", get(http::export::export))
            .route("/livez", get(http::health::live))
            .route("/readyz", get(http::health::ready))
            .fallback(http::response::not_found)
            .layer(CatchPanicLayer::custom(http::response::panicked))
            .layer((policy, referrer, sniffing))
            .with_state(self)
    }
}

fn endpoint<Q: ObjectType + 'static, M: ObjectType + 'static>(
    schema: impl Fn(ValidationMode) -> Schema<Q, M, EmptySubscription>,
    types: &Arc<TypeRegistry>,
) -> Endpoint<Q, M> {
    Endpoint::new(schema(ValidationMode::Strict), schema(ValidationMode::Fast), types.clone())
}
