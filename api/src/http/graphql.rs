//! `/public/graphql` without authentication, `/graphql` for clients with a key.

use std::net::IpAddr;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header, request::Parts},
};

use crate::{
    app::App,
    auth::credentials,
    graphql::kit::context::Caller,
    pipeline::{
        answer::answer,
        caller::{self, RequestContext},
        idempotency_key::MutationKey,
        parameters::RequestBody,
        request::ParsedRequest,
        response::{self, Accepts},
        security_headers,
        service::GraphqlService,
    },
};

/// Handles a routed request to the public endpoint.
pub async fn public(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    answer_anyone(&app, caller::peer(&head), (&head, body)).await
}

/// Handles a routed request of a client with a key.
pub async fn private(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    answer_client(&app, (&head, body)).await
}

/// Handles a request to the public endpoint from a connection with this peer address.
pub(crate) async fn answer_anyone<B: RequestBody>(
    app: &App,
    peer: IpAddr,
    (head, body): (&Parts, B),
) -> Response<Body> {
    if is_visit(head) {
        return security_headers::plain_data(to_start_page());
    }
    let context = RequestContext::anyone(app.service(), peer, head);
    let answer = answer(app.service(), GraphqlService::public, context, (head, body), Ok).await;
    security_headers::plain_data(security_headers::open_to_all(head, answer))
}

/// Whether a browser opened the endpoint itself, without a query.
fn is_visit(head: &Parts) -> bool {
    head.method != Method::POST
        && head.uri.query().is_none_or(str::is_empty)
        && response::asks_for_html(&head.headers)
}

/// Redirects to the start page, which has queries to try and all endpoints.
fn to_start_page() -> Response<Body> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    for (name, value) in
        [(header::LOCATION, "/"), (header::VARY, "Accept"), (header::CACHE_CONTROL, "no-store")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Handles a request of a client with a key, according to its scopes.
pub(crate) async fn answer_client<B: RequestBody>(app: &App, (head, body): (&Parts, B)) -> Response<Body> {
    let client = match credentials::client(app, &head.headers).await {
        Ok(client) => client,
        Err(error) => {
            let response = error.render(Accepts::of(&head.headers));
            return security_headers::plain_data(security_headers::open_to(
                app.service(),
                &head.headers,
                response,
            ));
        }
    };
    let context = RequestContext::client(app.service(), &client);
    let as_client = |mut read: ParsedRequest| {
        read.key = MutationKey::of(&client, head, &read)?;
        read.request = read.request.data(Caller(client));
        Ok(read)
    };
    let answer = answer(app.service(), GraphqlService::private, context, (head, body), as_client).await;
    security_headers::plain_data(security_headers::open_to(app.service(), &head.headers, answer))
}
