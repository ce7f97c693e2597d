//! Responses to requests whose idempotency key is taken: the first response, or an error.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use chrono::Utc;
use registry::{
    api_client::AuthenticatedClient,
    idempotency::{
        KeyMismatch, Revoked,
        requests::{MAX_KEYS, NotClaimed, StoredResponse},
    },
};

use super::{
    idempotency_key::REPLAYED, read_your_writes, request_error::RequestError, service::GraphqlService,
};
use crate::error_code::ErrorCode;

/// `Retry-After` in seconds for a client with too many keys: until they are counted again.
const RETRY_FULL: u64 = 60;

/// The first response to a request that cannot claim its key.
///
/// # Errors
/// When there is none; `retry_after` are the seconds after which an equal request may have ended. A client whose key was revoked
/// or is expired gets no response either.
pub(crate) fn first_response(
    service: &GraphqlService,
    client: &AuthenticatedClient,
    not_claimed: NotClaimed,
    retry_after: u64,
) -> Result<StoredResponse, RequestError> {
    match not_claimed {
        NotClaimed::Answered(stored) => match client.renewed(&service.registry().snapshot(), Utc::now()) {
            Some(_) => Ok(stored),
            None => Err(revoked()),
        },
        NotClaimed::InProgress => {
            let text = "An equal request with this `Idempotency-Key` is in progress; send it again for its response.";
            Err(RequestError::new(ErrorCode::IdempotencyInProgress, text).retry_after(retry_after))
        }
        NotClaimed::OtherRequest => Err(mismatch()),
        NotClaimed::TooManyKeys => {
            let text = format!(
                "You have sent {MAX_KEYS} idempotency keys within 24 hours; try again later, or send the request \
                 without one."
            );
            Err(RequestError::new(ErrorCode::Throttled, text).retry_after(RETRY_FULL))
        }
    }
}

/// Reports that a response was not stored, or a key not freed: the lease of the claim will end.
pub(crate) fn report(done: anyhow::Result<()>) {
    if let Err(error) = done {
        tracing::warn!(error = format!("{error:#}"), "an idempotency key was neither answered nor freed");
    }
}

/// The error for a request that differs from the first one with its key.
pub(crate) fn mismatch() -> RequestError {
    RequestError::new(ErrorCode::IdempotencyMismatch, KeyMismatch.to_string())
}

fn revoked() -> RequestError {
    let challenge = HeaderValue::from_static("Bearer");
    RequestError::new(ErrorCode::Unauthenticated, Revoked.to_string())
        .with_header(header::WWW_AUTHENTICATE, challenge)
}

/// Sends a first response again, with these headers beside its own.
pub(crate) fn replay(
    service: &GraphqlService,
    stored: StoredResponse,
    mut headers: HeaderMap,
) -> Response<Body> {
    if let Ok(content_type) = HeaderValue::from_str(&stored.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    read_your_writes::set_reached(service, &mut headers, stored.seq);
    let mut response = Response::new(Body::from(stored.body));
    *response.status_mut() = StatusCode::from_u16(stored.status).unwrap_or_default();
    *response.headers_mut() = headers;
    response
}
