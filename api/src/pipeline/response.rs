//! Responses of GraphQL over HTTP: media type by `Accept`, status by outcome.

use std::{any::Any, cmp::Ordering};

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};

use super::{
    accept::Weights,
    request_error::{RETRY_UNAVAILABLE, RequestError},
};
use crate::{
    error_code::ErrorCode,
    response_cache::{CachedResponse, Outcome},
};

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
/// Capacity for the headers of a response.
pub(crate) const HEADERS: usize = 20;
const JSON: &str = "application/json; charset=utf-8";

/// Media types that the client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// `application/graphql-response+json`.
    Graphql,
    /// `application/json`, explicitly: status 200 for any well-formed request, as older clients expect.
    Json,
    /// Any media type, or no `Accept` header.
    Anything,
}

impl Accepts {
    /// Parses the `Accept` header; `None` when it allows neither media type. Of two with equal weights, the one that is named
    /// counts, and that of GraphQL before the other.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Anything);
        }
        let weights = Weights::read(headers);
        match weights.graphql().cmp(&weights.json()) {
            Ordering::Equal if weights.json() == 0 => None,
            Ordering::Greater => Some(Self::Graphql),
            Ordering::Equal if weights.names_graphql() => Some(Self::Graphql),
            Ordering::Equal | Ordering::Less if weights.names_json() => Some(Self::Json),
            Ordering::Equal | Ordering::Less => Some(Self::Anything),
        }
    }

    /// The same for an error of the whole request: JSON when it allows neither media type.
    pub fn of(headers: &HeaderMap) -> Self {
        Self::read(headers).unwrap_or(Self::Anything)
    }

    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(if self == Self::Graphql { GRAPHQL } else { JSON })
    }
}

/// Whether a browser asks for a page: HTML, with no lower weight than the media types of GraphQL, neither of which is named.
pub(crate) fn asks_for_html(headers: &HeaderMap) -> bool {
    let weights = Weights::read(headers);
    let is_named = weights.names_graphql() || weights.names_json();
    weights.html() > 0 && !is_named && weights.html() >= weights.json()
}

/// Builds the HTTP response with these headers.
pub(crate) fn graphql(accepts: Accepts, answer: &CachedResponse, headers: HeaderMap) -> Response<Body> {
    let status = match accepts {
        Accepts::Graphql | Accepts::Anything if answer.outcome == Outcome::RequestError => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ if answer.outcome == Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let mut response = write(accepts, status, answer.body.clone(), headers);
    if answer.outcome == Outcome::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_UNAVAILABLE.into());
    }
    response
}

/// Whether nothing was executed: there is no data, and no error has a path.
pub(crate) fn is_request_error(response: &GraphqlResponse) -> bool {
    response.is_err()
        && response.data == async_graphql::Value::Null
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Headers of a response that varies by `Accept` only.
pub(crate) fn public_head() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers
}

pub(crate) fn write(accepts: Accepts, status: StatusCode, body: Bytes, headers: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(header::CONTENT_TYPE, accepts.media_type());
    response
}

/// Response to a path that does not exist.
pub async fn not_found() -> impl IntoResponse {
    not_found_response()
}

/// The same, for use within a handler.
pub fn not_found_response() -> Response<Body> {
    no_such_path().render(Accepts::Anything)
}

/// The error for a path that does not exist.
pub(crate) fn no_such_path() -> RequestError {
    RequestError::new(ErrorCode::NotFound, "There is no such path; `/` lists the endpoints.")
}

/// Response to a method that the path does not have; `Allow` names those that it has.
pub async fn method_not_allowed() -> impl IntoResponse {
    let text = "This path does not have that method; the header `Allow` names those that it has.";
    RequestError::new(ErrorCode::MethodNotAllowed, text).render(Accepts::Anything)
}

/// Response to a request whose handler panicked; the cause is only logged.
pub fn panicked(cause: Box<dyn Any + Send>) -> Response<Body> {
    panic_error(cause).render(Accepts::Anything)
}

/// The error of a request that panicked; the cause is only logged.
pub(crate) fn panic_error(cause: Box<dyn Any + Send>) -> RequestError {
    let cause =
        cause.downcast_ref::<String>().cloned().or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).into()));
    RequestError::internal(&cause.unwrap_or_default())
}
