//! Who asks: keys of clients, the secret of federation routers.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, Response, StatusCode, header},
};
use registry::{api_client, model::Client};

use crate::{
    app::App,
    pipeline::response::{Accepts, failed, refusal_with},
};

const INVALID: &str = "Send a valid key: `Authorization: Bearer reg_…`; the operator makes one.";

/// The client whose key came with a request.
///
/// # Errors
/// The refusal to send when there is no key, or none that is valid.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, Box<Response<Body>>> {
    let client = known(app, headers)?;
    // Where the snapshot is old, the key may have been revoked since.
    if !app.service().is_lagging() {
        return Ok(client);
    }
    match api_client::is_active(app.registry().database(), client.id).await {
        Ok(true) => Ok(client),
        Ok(false) => Err(unauthenticated(headers, INVALID)),
        Err(error) => Err(failed(Accepts::read(headers).unwrap_or(Accepts::Anything), &error).into()),
    }
}

/// The client whose key came with a request, as the snapshot knows it.
///
/// # Errors
/// The refusal to send when there is no key, or none that is valid.
pub fn known(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, Box<Response<Body>>> {
    let snapshot = app.registry().snapshot();
    bearer(headers)
        .and_then(|key| api_client::find(&snapshot, key))
        .cloned()
        .ok_or_else(|| unauthenticated(headers, INVALID))
}

/// Lets a federation router through.
///
/// # Errors
/// The refusal to send when its secret is not ours, or we have none.
pub fn gateway(app: &App, headers: &HeaderMap) -> Result<(), Box<Response<Body>>> {
    // Comparing hashes takes the same time wherever they differ.
    let given = bearer(headers).map(|secret| blake3::hash(secret.as_bytes()));
    match (given, app.gateway_secret()) {
        (Some(given), Some(ours)) if given == *ours => Ok(()),
        _ => Err(unauthenticated(headers, "Send the gateway's secret as a bearer token (GATEWAY_SECRET).")),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthenticated(headers: &HeaderMap, text: &str) -> Box<Response<Body>> {
    let accepts = Accepts::read(headers).unwrap_or(Accepts::Anything);
    let challenge = (header::WWW_AUTHENTICATE, "Bearer");
    refusal_with(accepts, StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", text, challenge).into()
}
