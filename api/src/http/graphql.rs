//! `/public/graphql` for everyone and `/graphql` for clients with a key.

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
};

use super::{auth, execute, request, response};
use crate::{
    app::App,
    kit::request::Caller,
    snapshot::{View, Viewer},
};

/// Longest request of anyone, in bytes.
const PUBLIC_LIMIT: usize = 256 << 10;
/// Longest request of a client with a key, in bytes.
const PRIVATE_LIMIT: usize = 1 << 20;

/// Answers anyone, with what everyone may see.
pub async fn public(State(app): State<App>, request: Request) -> Response<Body> {
    match request::read(request, PUBLIC_LIMIT, app.public().documents()).await {
        Ok(read) => {
            let view = View::new(app.registry().snapshot(), Viewer::Public);
            response::graphql(read.accepts, execute::execute(app.public(), &app, read, view).await)
        }
        Err(refused) => *refused,
    }
}

/// Answers a client with a key, with what its scopes let it see and do.
pub async fn private(State(app): State<App>, request: Request) -> Response<Body> {
    let client = match auth::client(&app, request.headers()) {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    match request::read(request, PRIVATE_LIMIT, app.private().documents()).await {
        Ok(mut read) => {
            let view = View::new(app.registry().snapshot(), auth::viewer(&client));
            read.request = read.request.data(Caller(client));
            response::graphql(read.accepts, execute::execute(app.private(), &app, read, view).await)
        }
        Err(refused) => *refused,
    }
}
