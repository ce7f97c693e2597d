//! Everything that a request needs, and the router that hands it over.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_graphql::{Executor, ValidationMode, registry::Registry as TypeRegistry};
use axum::{
    Router,
    http::HeaderValue,
    routing::{get, post},
};
use ipnet::IpNet;
use tower::{Layer, service_fn, util::MapResponseLayer};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer};

use crate::{
    attribution::Attribution,
    cache::Answers,
    change::Registry,
    document::Audiences,
    facts::MonthCache,
    http::{
        self, admission::Admission, body_budget::BodyBudget, browser, downloads::Downloads,
        endpoint::Endpoint, persisted::Persisted, rates::Policies, socket::Sockets, upload::Uploads,
    },
    rate::Rates,
    schema::{self, PrivateSchema, Schema, SubgraphSchema},
    search::SearchIndex,
    shared::Shared,
    web,
};

pub use crate::settings::{
    CACHE_MEGABYTES, MAX_LAG, MAX_REQUESTS, MAX_SOCKETS, POINT_TIME, PUBLIC_MAX_AGE, Settings,
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
    public: Endpoint<Schema>,
    private: Endpoint<PrivateSchema>,
    subgraph: Endpoint<SubgraphSchema>,
    rates: Rates,
    policies: Policies,
    answers: Answers,
    admission: Admission,
    sockets: Sockets,
    uploads: Uploads,
    bodies: BodyBudget,
    downloads: Downloads,
    persisted: Persisted,
    any_document: Persisted,
    settings: Settings,
    gateway_secret: Option<blake3::Hash>,
}

impl App {
    /// Builds the service over a registry.
    pub fn new(registry: Registry, settings: Settings) -> Self {
        let types = Arc::new(schema::types());
        let inner = Inner {
            months: MonthCache::new(registry.database()),
            rates: Rates::new(settings.shared.clone(), *registry.secret()),
            registry,
            search: SearchIndex::default(),
            public: endpoint(schema::build, &types),
            private: endpoint(schema::build_private, &types),
            subgraph: endpoint(schema::build_subgraph, &types),
            policies: Policies::new(&settings.audiences),
            admission: Admission::new(settings.max_requests),
            sockets: Sockets::new(settings.max_sockets),
            uploads: Uploads::default(),
            bodies: BodyBudget::default(),
            downloads: Downloads::default(),
            answers: Answers::new(settings.cache_bytes, settings.shared.clone()),
            any_document: Persisted::default(),
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

    /// Hash of the secret that federation routers send.
    pub fn gateway_secret(&self) -> Option<&blake3::Hash> {
        self.inner.gateway_secret.as_ref()
    }

    /// Where the data comes from and what may be done with it.
    pub fn attribution(&self) -> &Attribution {
        &self.inner.settings.attribution
    }

    /// How much everyone may ask for.
    pub fn audiences(&self) -> &Audiences {
        &self.inner.settings.audiences
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
    pub fn rates(&self) -> &Rates {
        &self.inner.rates
    }

    /// Points that so much processor time is worth.
    pub fn points_for(&self, time: Duration) -> u64 {
        let each = self.inner.settings.point_time;
        each.map_or(0, |each| (time.as_nanos() / each.as_nanos().max(1)).try_into().unwrap_or(u64::MAX))
    }

    /// Answers that are kept.
    pub fn answers(&self) -> &Answers {
        &self.inner.answers
    }

    /// Room for answers that are being made.
    pub fn admission(&self) -> &Admission {
        &self.inner.admission
    }

    /// Whether the snapshot may be too far behind the log to be relied on.
    pub fn is_lagging(&self) -> bool {
        self.inner.registry.lag() > self.inner.settings.max_lag
    }

    /// Sockets that clients follow subscriptions on.
    pub fn sockets(&self) -> &Sockets {
        &self.inner.sockets
    }

    /// Room for files that clients are taking.
    pub fn downloads(&self) -> &Downloads {
        &self.inner.downloads
    }

    /// Room for bodies of requests.
    pub fn bodies(&self) -> &BodyBudget {
        &self.inner.bodies
    }

    /// Room for bodies that are read as they come.
    pub fn uploads(&self) -> &Uploads {
        &self.inner.uploads
    }

    /// Key that receipts of the change log are signed with: 32 bytes.
    pub fn public_key(&self) -> Option<&[u8; 32]> {
        self.inner.settings.public_key.as_ref()
    }

    /// What replicas share, where there is something.
    pub fn shared(&self) -> Option<&Shared> {
        self.inner.settings.shared.as_ref()
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

    /// All routes.
    pub fn router(self) -> Router {
        let settings = &self.inner.settings;
        // Browsers that ask beforehand are answered by the library, so that other requests need not pass through it.
        let asked_beforehand = |cors: CorsLayer| cors.layer(service_fn(http::browser::nothing));
        let public = get(http::graphql::public).post(http::graphql::public);
        let private = get(http::socket::open_or_answer).post(http::graphql::private);
        let graphql = Router::new()
            .route("/public/graphql", public.options_service(asked_beforehand(browser::any_site())))
            .route(
                "/graphql",
                private.options_service(asked_beforehand(browser::these_sites(&settings.origins))),
            )
            .route("/subgraph", post(http::subgraph::subgraph));
        Router::new()
            .route("/", get(web::start::start))
            .route("/statistics", post(http::statistics::load))
            .route("/export/{file}", get(http::export::export))
            .route("/livez", get(http::health::live))
            .route("/.well-known/registry-key", get(http::receipts::key))
            .route("/readyz", get(http::health::ready))
            .fallback(http::response::not_found)
            .layer((
                MapResponseLayer::new(browser::plain_data),
                CatchPanicLayer::custom(http::response::panicked),
            ))
            // Below no layer: each costs every request a copy of its services.
            .merge(graphql)
            .with_state(self)
    }
}

fn endpoint<E: Executor>(schema: impl Fn(ValidationMode) -> E, types: &Arc<TypeRegistry>) -> Endpoint<E> {
    Endpoint::new(schema(ValidationMode::Strict), schema(ValidationMode::Fast), types.clone())
}
