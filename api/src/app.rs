//! Everything that a request needs, and the router that hands it over.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    change::Registry,
    export::About,
    facts::MonthCache,
    http,
    schema::{self, PrivateSchema, Schema, SubgraphSchema},
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
    schema: Schema,
    private_schema: PrivateSchema,
    subgraph: SubgraphSchema,
    gateway_secret: Option<blake3::Hash>,
    about: About,
}

impl App {
    /// Builds the service over a registry.
    pub fn new(registry: Registry, gateway_secret: Option<&str>, about: About) -> Self {
        let inner = Inner {
            months: MonthCache::new(registry.database()),
            registry,
            search: SearchIndex::default(),
            schema: schema::build(),
            private_schema: schema::build_private(),
            subgraph: schema::build_subgraph(),
            gateway_secret: gateway_secret.map(|secret| blake3::hash(secret.as_bytes())),
            about,
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

    /// Schema of the API for clients with a key, who may write.
    pub fn private_schema(&self) -> &PrivateSchema {
        &self.inner.private_schema
    }

    /// Schema of the API.
    pub fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// Schema of the federation subgraph.
    pub fn subgraph(&self) -> &SubgraphSchema {
        &self.inner.subgraph
    }

    /// Hash of the secret that federation routers send.
    pub fn gateway_secret(&self) -> Option<&blake3::Hash> {
        self.inner.gateway_secret.as_ref()
    }

    /// Where the data comes from and what may be done with it.
    pub fn about(&self) -> &About {
        &self.inner.about
    }

    /// All routes.
    pub fn router(self) -> Router {
        let graphql = Router::new()
            .route("/public/graphql", get(http::graphql::public).post(http::graphql::public))
            .route("/graphql", get(http::graphql::private).post(http::graphql::private))
            .route("/subgraph", post(http::subgraph::subgraph))
            .layer(middleware::from_fn_with_state(self.clone(), http::consistency::consistent));
        Router::new()
            .merge(graphql)
            .route("/", get(web::start::start))
            .route("/statistics", post(http::statistics::load))
            .route("/export/{file}", get(http::export::export))
            .route("/livez", get(http::health::live))
            .route("/readyz", get(http::health::ready))
            .fallback(http::response::not_found)
            .layer(CatchPanicLayer::custom(http::response::panicked))
            .with_state(self)
    }
}
