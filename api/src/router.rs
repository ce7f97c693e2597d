//! All routes.

use axum::{
    Router,
    routing::{get, post},
};
use tower::{Layer, service_fn, util::MapResponseLayer};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer};

use crate::{
    app::App,
    http::{coprocessor, export, graphql, health, receipts, schema, statistics_upload, subgraph},
    pipeline::{compression, response, security_headers},
    web, websocket,
};

/// The router with all routes.
pub fn router(app: App) -> Router {
    // Only `OPTIONS` requests pass through the CORS layer, which responds to them.
    let preflight = |cors: CorsLayer| cors.layer(service_fn(security_headers::nothing));
    let any_site = preflight(security_headers::any_site());
    let these_sites = preflight(security_headers::these_sites(&app.settings().origins));
    let public = get(graphql::public).post(graphql::public).options_service(any_site);
    let private = get(websocket::open_or_answer).post(graphql::private).options_service(these_sites);
    let files = get(export::export)
        .options_service(preflight(security_headers::any_site_for_files()))
        .layer(compression::of_files());
    let graphql = Router::new()
        .route("/public/graphql", public)
        .route("/graphql", private)
        .route("/subgraph", post(subgraph::subgraph).layer(compression::of_large_responses()))
        .route("/coprocessor", post(coprocessor::coprocessor))
        .method_not_allowed_fallback(response::method_not_allowed);
    Router::new()
        .route("/", get(web::start::start))
        .route("/public/schema.graphql", get(schema::public))
        .route("/statistics", post(statistics_upload::load))
        .route("/export/{file}", files)
        .route("/livez", get(health::live))
        .route("/.well-known/registry-key", get(receipts::key))
        .route("/readyz", get(health::ready))
        .fallback(response::not_found)
        .method_not_allowed_fallback(response::method_not_allowed)
        .layer((
            MapResponseLayer::new(security_headers::plain_data),
            CatchPanicLayer::custom(response::panicked),
        ))
        // Without layers for clients: each layer would clone its services for every request.
        .merge(graphql)
        .with_state(app)
}
