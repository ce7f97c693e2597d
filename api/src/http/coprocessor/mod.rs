//! `/coprocessor`: a federation router asks whether it may plan and execute the request of a client.

mod protocol;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, Response, header, request::Parts},
};

use self::protocol::Call;
use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    pipeline::{
        caller::RequestContext, planning, request_error::RequestError, response::Accepts, security_headers,
    },
};

/// Handles the call of a router.
pub async fn coprocessor(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let response = match receive(&app, &head, body).await {
        Ok(call) => decide(&app, call).await,
        // The router rejects its client's request when its coprocessor fails.
        Err(error) => error.render(Accepts::Anything),
    };
    security_headers::plain_data(response)
}

async fn receive(app: &App, head: &Parts, body: Body) -> Result<Call, RequestError> {
    credentials::coprocessor(app, head)?;
    Call::read(&planning::receive(app.service(), &head.headers, body).await?)
}

/// The decision about a request: the response to a rejected one is that of the other endpoints.
async fn decide(app: &App, call: Call) -> Response<Body> {
    let accepts = Accepts::of(&call.headers);
    let is_of_a_site = call.headers.contains_key(header::ORIGIN);
    let Err(error) = check(app, call).await else { return protocol::go_on() };
    let mut response = security_headers::plain_data(error.render(accepts));
    // The router adds no CORS headers to it. It has nothing that a site may not know of its visitor.
    if is_of_a_site {
        security_headers::open(&mut response, HeaderValue::from_static("*"));
    }
    let (head, body) = response.into_parts();
    // An error is rendered in memory.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    protocol::respond(head.status, &head.headers, &body)
}

async fn check(app: &App, Call { method, headers, body }: Call) -> Result<(), RequestError> {
    // The preflight of a browser, which the router answers by its own settings.
    if method == Method::OPTIONS {
        return Ok(());
    }
    if method != Method::POST {
        // Routers tell neither the query string nor the messages of a WebSocket.
        let text = "Send the request by POST: documents in the address or on a WebSocket cannot be checked.";
        let error = RequestError::new(ErrorCode::MethodNotAllowed, text);
        return Err(error.with_header(header::ALLOW, HeaderValue::from_static("POST")));
    }
    let client = credentials::optional(app, &headers, header::AUTHORIZATION).await?;
    let context = RequestContext::behind_router(app.service(), client.as_ref(), &headers);
    planning::check(app.service(), &context, body).await
}
