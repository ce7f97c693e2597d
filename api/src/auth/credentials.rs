//! Credentials: keys of clients, the secret of federation routers.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use chrono::{DateTime, Utc};
use registry::api_client::{self, AuthenticatedClient, UnusableKey};
use url::form_urlencoded;

use crate::{
    app::App,
    error_code::ErrorCode,
    pipeline::{key_lookups::NotLookedUp, request_error::RequestError},
};

/// Header in which a federation router passes on the `Authorization` of its client.
pub const FORWARDED: HeaderName = HeaderName::from_static("x-registry-authorization");

const INVALID: &str = "Send a valid key: `Authorization: Bearer reg_…`; the operator issues keys.";
/// Parameter with the secret in the address of the coprocessor.
const SECRET: &str = "secret";
/// Maximum wait for a key that the database has: the log is read twice a second, at least.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// Maximum wait for a key that is not looked up, because there are too many.
const MAX_WAIT_UNSURE: Duration = Duration::from_millis(600);

/// The client whose key was sent with a request. While this server is lagging, also checks in the database that the key
/// is not revoked.
///
/// # Errors
/// When there is no valid key, or the database is unavailable.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<AuthenticatedClient, RequestError> {
    let client = sent(app, headers).await?;
    confirmed(app, client).await
}

/// The client whose credential is in a header of a request that needs none; `None` without the header.
///
/// # Errors
/// When the credential is not valid, there is more than one, or the database is unavailable.
pub async fn optional(
    app: &App,
    headers: &HeaderMap,
    name: HeaderName,
) -> Result<Option<AuthenticatedClient>, RequestError> {
    let mut values = headers.get_all(name).iter();
    let (Some(first), others) = (values.next(), values.count()) else { return Ok(None) };
    let client = identify(app, bearer(first).filter(|_| others == 0)).await?;
    confirmed(app, client).await.map(Some)
}

/// The client whose key was sent with a request.
///
/// # Errors
/// When there is no valid key, or the database is unavailable.
pub async fn sent(app: &App, headers: &HeaderMap) -> Result<AuthenticatedClient, RequestError> {
    identify(app, headers.get(header::AUTHORIZATION).and_then(bearer)).await
}

/// The client with a credential, which is its key. Nothing else turns a credential into a client. A key that the snapshot
/// lacks may have been created a moment ago.
async fn identify(app: &App, credential: Option<&str>) -> Result<AuthenticatedClient, RequestError> {
    let key = credential.ok_or_else(|| unauthenticated(INVALID))?;
    let client = match authenticate(app, key) {
        Err(UnusableKey::Unknown) => created_just_now(app, key).await?,
        known => known,
    };
    let client = client.map_err(|unusable| match unusable {
        UnusableKey::Unknown => unauthenticated(INVALID),
        UnusableKey::Expired(at) => unauthenticated(expired_text(at)),
    })?;
    app.key_use().note(client.key_id(), app.registry().snapshot().time_zone().today());
    Ok(client)
}

fn authenticate(app: &App, key: &str) -> Result<AuthenticatedClient, UnusableKey> {
    api_client::authenticate(&app.registry().snapshot(), key, Utc::now())
}

/// Message for a client with an expired key.
fn expired_text(at: DateTime<Utc>) -> String {
    format!("The key expired on {}; ask the operator for a new one.", at.format("%Y-%m-%d at %H:%M UTC"))
}

/// The client of a key that the database has, but not yet the snapshot. A key that cannot be looked up is unknown only if the
/// log has been read since, without it.
///
/// # Errors
/// When the database is unavailable, the snapshot does not get the client in time, or too many requests with unknown keys wait.
async fn created_just_now(
    app: &App,
    key: &str,
) -> Result<Result<AuthenticatedClient, UnusableKey>, RequestError> {
    if !api_client::is_key(key) {
        return Ok(Err(UnusableKey::Unknown));
    }
    let (registry, begun) = (app.registry(), Instant::now());
    let Some(_waiting) = app.key_lookups().enter() else {
        let text = "Too many unknown keys are being looked up; try again shortly.";
        return Err(RequestError::new(ErrorCode::Unavailable, text).retry_after(1));
    };
    let looked_up = app.key_lookups().is_active(registry.database(), key, MAX_WAIT_UNSURE).await;
    let wait = match looked_up.as_ref().map_err(|cause| &**cause) {
        Ok(false) => return Ok(Err(UnusableKey::Unknown)),
        Ok(true) => MAX_WAIT,
        Err(NotLookedUp::TooMany) => MAX_WAIT_UNSURE.saturating_sub(begun.elapsed()),
        Err(NotLookedUp::Failed(error)) => return Err(RequestError::from(error)),
    };
    if let Ok(client) = tokio::time::timeout(wait, api_client::awaited(registry, key)).await {
        return Ok(client);
    }
    let is_current = looked_up.is_err() && registry.is_current_since(begun);
    // It may have come since the wait ended.
    let client = authenticate(app, key);
    if is_current || client.is_ok() {
        return Ok(client);
    }
    let text = "This server has not read the key yet; try again shortly.";
    Err(RequestError::new(ErrorCode::Unavailable, text).retry_after(1))
}

/// The client, if its key is not revoked in the database: a stale snapshot may miss that.
async fn confirmed(app: &App, client: AuthenticatedClient) -> Result<AuthenticatedClient, RequestError> {
    if !app.service().is_lagging() {
        return Ok(client);
    }
    match api_client::is_active(app.registry().database(), &client).await {
        Ok(true) => Ok(client),
        Ok(false) => Err(unauthenticated(INVALID)),
        Err(error) => Err(RequestError::from(&error)),
    }
}

/// Checks the secret of a federation router.
///
/// # Errors
/// When it is wrong, or none is configured.
pub fn gateway(app: &App, headers: &HeaderMap) -> Result<(), RequestError> {
    let secret = headers.get(header::AUTHORIZATION).and_then(bearer);
    match secret.is_some_and(|secret| app.settings().gateway_secrets.accept(secret)) {
        true => Ok(()),
        false => Err(unauthenticated("Send the gateway secret (GATEWAY_SECRET) as a bearer token.")),
    }
}

/// Checks the secret of a router that calls its coprocessor: a bearer token, or a parameter of the address, since a router
/// adds no headers to these calls. The latter is derived from the secret and opens nothing else.
///
/// # Errors
/// When it is wrong, or none is configured.
pub fn coprocessor(app: &App, head: &Parts) -> Result<(), RequestError> {
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let parameter = form_urlencoded::parse(query).find(|(name, _)| name == SECRET);
    match parameter.is_some_and(|(_, secret)| app.settings().gateway_secrets.accept_in_address(&secret)) {
        true => Ok(()),
        false => gateway(app, &head.headers),
    }
}

/// The token of an `Authorization` with the scheme `Bearer`.
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthenticated(text: impl Into<Cow<'static, str>>) -> RequestError {
    let challenge = HeaderValue::from_static("Bearer");
    RequestError::new(ErrorCode::Unauthenticated, text).with_header(header::WWW_AUTHENTICATE, challenge)
}
