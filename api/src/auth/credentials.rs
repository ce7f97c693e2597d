//! Who asks: keys of clients, the secret of federation routers.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use registry::{api_client, model::Client};

use crate::{app::App, error_code::ErrorCode, pipeline::request_error::RequestError};

const INVALID: &str = "Send a valid key: `Authorization: Bearer reg_…`; the operator makes one.";

/// The client whose key came with a request.
///
/// # Errors
/// When there is no key, or none that is valid.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let client = known(app, headers)?;
    // Where the snapshot is old, the key may have been revoked since.
    if !app.service().is_lagging() {
        return Ok(client);
    }
    match api_client::is_active(app.registry().database(), client.id).await {
        Ok(true) => Ok(client),
        Ok(false) => Err(unauthenticated(INVALID)),
        Err(error) => Err(RequestError::from(&error)),
    }
}

/// The client whose key came with a request, as the snapshot knows it.
///
/// # Errors
/// When there is no key, or none that is valid.
pub fn known(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let snapshot = app.registry().snapshot();
    bearer(headers)
        .and_then(|key| api_client::find(&snapshot, key))
        .cloned()
        .ok_or_else(|| unauthenticated(INVALID))
}

/// Lets a federation router through.
///
/// # Errors
/// When its secret is not ours, or we have none.
pub fn gateway(app: &App, headers: &HeaderMap) -> Result<(), RequestError> {
    // Comparing hashes takes the same time wherever they differ.
    let given = bearer(headers).map(|secret| blake3::hash(secret.as_bytes()));
    match (given, app.gateway_secret()) {
        (Some(given), Some(ours)) if given == *ours => Ok(()),
        _ => Err(unauthenticated("Send the gateway's secret as a bearer token (GATEWAY_SECRET).")),
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
