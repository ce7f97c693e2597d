//! Answers as GraphQL over HTTP wants them: media type by `Accept`, status by what happened.

use std::any::Any;

use async_graphql::Response as GraphqlResponse;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Value, json};

use crate::{
    graphql::error,
    response_cache::{Answer, Outcome},
};

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
/// Headers that an answer has in the end.
pub(crate) const HEADERS: usize = 20;
const JSON: &str = "application/json; charset=utf-8";

/// Seconds after which to try again what the database could not answer.
const RETRY_UNAVAILABLE: HeaderValue = HeaderValue::from_static("5");

/// What the client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// `application/graphql-response+json`.
    Graphql,
    /// `application/json`, said so: status 200 for any well-formed request, as old clients want it.
    Json,
    /// Anything, or nothing said.
    Anything,
}

impl Accepts {
    /// Reads the `Accept` header; `None` when it allows neither of our media types.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Anything);
        }
        let has = |wanted: &str| {
            let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
            let mut ranges = values.flat_map(|value| value.split(','));
            ranges.any(|range| essence(range).eq_ignore_ascii_case(wanted) && !refuses(range))
        };
        if has("application/graphql-response+json") {
            Some(Self::Graphql)
        } else if has("application/json") {
            Some(Self::Json)
        } else if has("*/*") || has("application/*") {
            Some(Self::Anything)
        } else {
            None
        }
    }

    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(if self == Self::Graphql { GRAPHQL } else { JSON })
    }
}

fn essence(range: &str) -> &str {
    range.split(';').next().unwrap_or_default().trim()
}

/// `;q=0` says what the client does not want.
fn refuses(range: &str) -> bool {
    let quality = range.split(';').skip(1).filter_map(|parameter| parameter.trim().strip_prefix("q="));
    quality.last().and_then(|quality| quality.trim().parse::<f32>().ok()) == Some(0.0)
}

/// Sends an answer, with these headers.
pub(crate) fn graphql(accepts: Accepts, answer: &Answer, headers: HeaderMap) -> Response<Body> {
    let status = match accepts {
        Accepts::Graphql | Accepts::Anything if answer.outcome == Outcome::Refused => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ if answer.outcome == Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let mut response = write(accepts, status, answer.body.clone(), headers);
    if answer.outcome == Outcome::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_UNAVAILABLE);
    }
    response
}

/// A failure that is none of the client's: of the database, or a fault of ours.
pub(crate) fn failed(accepts: Accepts, error: &anyhow::Error) -> Response<Body> {
    if !error::is_passing(error) {
        return internal(accepts, &format!("{error:?}"));
    }
    let trace_id = error::new_trace_id();
    tracing::error!(error = format!("{error:#}"), trace_id, "the database does not do what is asked");
    let extensions = json!({ "code": error::UNAVAILABLE_CODE, "traceId": trace_id });
    let body = json!({ "errors": [{ "message": error::unavailable_text(error), "extensions": extensions }] });
    let mut response = refused(accepts, StatusCode::SERVICE_UNAVAILABLE, &body);
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_UNAVAILABLE);
    response
}

/// A fault of ours, whose cause is for the log alone.
pub(crate) fn internal(accepts: Accepts, cause: &str) -> Response<Body> {
    let trace_id = error::new_trace_id();
    tracing::error!(cause, trace_id, "a request failed");
    let extensions = json!({ "code": "INTERNAL", "traceId": trace_id });
    let body = json!({ "errors": [{ "message": error::MASKED, "extensions": extensions }] });
    refused(accepts, StatusCode::INTERNAL_SERVER_ERROR, &body)
}

/// Whether nothing was executed: there is no data, and no error has a place in it.
pub(crate) fn is_refused(response: &GraphqlResponse) -> bool {
    response.is_err()
        && response.data == async_graphql::Value::Null
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Writes a refusal of the whole request.
pub fn refusal(accepts: Accepts, status: StatusCode, code: &str, message: &str) -> Response<Body> {
    refused(accepts, status, &json!({ "errors": [{ "message": message, "extensions": { "code": code } }] }))
}

fn refused(accepts: Accepts, status: StatusCode, body: &Value) -> Response<Body> {
    let mut headers = public_head();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    write(accepts, status, Bytes::from(body.to_string()), headers)
}

/// The same with one more header.
pub fn refusal_with(
    accepts: Accepts,
    status: StatusCode,
    code: &str,
    message: &str,
    (name, value): (HeaderName, &'static str),
) -> Response<Body> {
    let mut response = refusal(accepts, status, code, message);
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// Headers of an answer that is the same for all who accept the same.
pub(crate) fn public_head() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers
}

fn write(accepts: Accepts, status: StatusCode, body: Bytes, headers: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(header::CONTENT_TYPE, accepts.media_type());
    response
}

/// Answer to a path that does not exist.
pub async fn not_found() -> impl IntoResponse {
    not_found_response()
}

/// The same, for a handler that finds out by itself.
pub fn not_found_response() -> Response<Body> {
    let text = "There is nothing here; `/` lists the endpoints.";
    refusal(Accepts::Anything, StatusCode::NOT_FOUND, "NOT_FOUND", text)
}

/// Answer to a request whose handling panicked: the cause is for the log alone.
pub fn panicked(cause: Box<dyn Any + Send>) -> Response<Body> {
    let cause =
        cause.downcast_ref::<String>().cloned().or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).into()));
    internal(Accepts::Anything, &cause.unwrap_or_default())
}
