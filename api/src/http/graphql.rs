//! `/public/graphql` for everyone and `/graphql` for clients with a key.

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
};

use super::{auth, execute, request, response};
use crate::{
    app::App,
    snapshot::{View, Viewer},
};

/// Longest request of anyone, in bytes.
const PUBLIC_LIMIT: usize = 256 << 10;
/// Longest request of a client with a key, in bytes.
const PRIVATE_LIMIT: usize = 1 << 20;

/// Answers anyone, with what everyone may see.
pub async fn public(State(app): State<App>, request: Request) -> Response<Body> {
    answer(&app, request, Viewer::Public, PUBLIC_LIMIT).await
}

/// Answers a client with a key, with what its scopes let it see.
pub async fn private(State(app): State<App>, request: Request) -> Response<Body> {
    match auth::viewer(&app, request.headers()) {
        Ok(viewer) => answer(&app, request, viewer, PRIVATE_LIMIT).await,
        Err(refused) => *refused,
    }
}

async fn answer(app: &App, request: Request, viewer: Viewer, limit: usize) -> Response<Body> {
    match request::read(request, limit).await {
        Ok(read) => {
            let view = View::new(app.registry().snapshot(), viewer);
            let accepts = read.accepts;
            response::graphql(accepts, execute::execute(app.schema(), app, read, view).await)
        }
        Err(refused) => *refused,
    }
}
