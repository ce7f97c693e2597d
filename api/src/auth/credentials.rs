//! Credentials: keys of clients, the secret of federation routers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderValue, header};
use registry::{api_client, model::Client};

use crate::{
    app::App,
    error_code::ErrorCode,
    pipeline::{key_lookups::NotLookedUp, request_error::RequestError},
};

const INVALID: &str = "Send a valid key: `Authorization: Bearer reg_…`; the operator issues keys.";

/// Maximum wait for a key that the database has: the log is read twice a second, at least.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// Maximum wait for a key that is not looked up, because there are too many.
const MAX_WAIT_UNSURE: Duration = Duration::from_millis(600);

/// The client whose key was sent with a request. While this server is lagging, also checks in the database that the key
/// is not revoked.
///
/// # Errors
/// When there is no valid key, or the database is unavailable.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let client = sent(app, headers).await?;
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

/// The client whose key was sent with a request, looked up in the snapshot. A key that is not there may have been created a
/// moment ago.
///
/// # Errors
/// When there is no valid key, or the database is unavailable.
pub async fn sent(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, RequestError> {
    let key = bearer(headers).ok_or_else(|| unauthenticated(INVALID))?;
    let known = api_client::find(&app.registry().snapshot(), key).cloned();
    match known {
        Some(client) => Ok(client),
        None => created_just_now(app, key).await?.ok_or_else(|| unauthenticated(INVALID)),
    }
}

/// The client of a key that the database has, but not yet the snapshot; `None` if there is no such key, or too many requests
/// with unknown keys wait. A key that cannot be looked up is absent only if the log has been read since, without it.
///
/// # Errors
/// When the database is unavailable, or the snapshot does not get the client in time.
async fn created_just_now(app: &App, key: &str) -> Result<Option<Arc<Client>>, RequestError> {
    if !api_client::is_key(key) {
        return Ok(None);
    }
    let (registry, begun) = (app.registry(), Instant::now());
    let Some(_waiting) = app.key_lookups().enter() else { return Ok(None) };
    let looked_up = app.key_lookups().is_active(registry.database(), key, MAX_WAIT_UNSURE).await;
    let wait = match looked_up.as_ref().map_err(|cause| &**cause) {
        Ok(false) => return Ok(None),
        Ok(true) => MAX_WAIT,
        Err(NotLookedUp::TooMany) => MAX_WAIT_UNSURE.saturating_sub(begun.elapsed()),
        Err(NotLookedUp::Failed(error)) => return Err(RequestError::from(error)),
    };
    if let Ok(client) = tokio::time::timeout(wait, api_client::awaited(registry, key)).await {
        return Ok(client);
    }
    let is_current = looked_up.is_err() && registry.is_current_since(begun);
    // It may have come since the wait ended.
    let client = api_client::find(&registry.snapshot(), key).cloned();
    if is_current || client.is_some() {
        return Ok(client);
    }
    let text = "This server has not read the key yet; try again shortly.";
    Err(RequestError::new(ErrorCode::Unavailable, text).retry_after(1))
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
