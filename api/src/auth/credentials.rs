//! Credentials: keys of clients, the secret of federation routers.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use registry::{api_client, model::Client};

use crate::{app::App, error_code::ErrorCode, pipeline::request_error::RequestError};

const INVALID: &str = "Send a valid key: `Authorization: Bearer reg_…`; the operator issues keys.";

/// The client whose key was sent with a request. While this server is lagging, also checks in the database that the key
/// is not revoked.
///
/// # Errors
/// When there is no valid key, or the database is unavailable.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let client = known(app, headers)?;
    // A stale snapshot may miss a revocation.
    if !app.service().is_lagging() {
        return Ok(client);
    }
    match api_client::is_active(app.registry().database(), client.id).await {
        Ok(true) => Ok(client),
        Ok(false) => Err(unauthenticated(INVALID)),
        Err(error) => Err(RequestError::from(&error)),
    }
}

/// The client whose key was sent with a request, looked up in the snapshot.
///
/// # Errors
/// When there is no valid key.
pub fn known(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let snapshot = app.registry().snapshot();
    bearer(headers)
        .and_then(|key| api_client::find(&snapshot, key))
        .cloned()
        .ok_or_else(|| unauthenticated(INVALID))
}

/// Checks the secret of a federation router.
///
/// # Errors
/// When it is wrong, or none is configured.
pub fn gateway(app: &App, headers: &HeaderMap) -> Result<(), RequestError> {
    // Hashes are compared in constant time.
    let given = bearer(headers).map(|secret| blake3::hash(secret.as_bytes()));
    match (given, app.gateway_secret()) {
        (Some(given), Some(ours)) if given == *ours => Ok(()),
        _ => Err(unauthenticated("Send the gateway secret (GATEWAY_SECRET) as a bearer token.")),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthenticated(text: &'static str) -> RequestError {
    let challenge = HeaderValue::from_static("Bearer");
    RequestError::new(ErrorCode::Unauthenticated, text).with_header(header::WWW_AUTHENTICATE, challenge)
}
