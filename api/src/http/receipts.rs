//! Receipts of the change log: the public key, and the header with the last receipt.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Response},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use registry::change_log::Registry;
use serde_json::json;

use crate::{app::App, pipeline::response::not_found_response};

/// Response header with the last signed receipt of the change log, as JSON.
pub const RECEIPT: HeaderName = HeaderName::from_static("registry-receipt");

/// The public key of receipts, as a JSON Web Key Set with one key (RFC 7517, RFC 8037).
pub async fn key(State(app): State<App>) -> Response<Body> {
    let Some(public_key) = &app.settings().public_key else { return not_found_response() };
    let x = BASE64_URL_SAFE_NO_PAD.encode(public_key);
    let id = &blake3::hash(public_key).to_hex()[..16];
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x });
    Json(json!({ "keys": [key] })).into_response()
}

/// Adds the header with the last receipt, if there is one.
pub(super) fn add(registry: &Registry, headers: &mut HeaderMap) {
    let receipt = registry.receipt().map(|receipt| receipt.to_json());
    if let Some(value) = receipt.and_then(|json| HeaderValue::from_str(&json).ok()) {
        headers.insert(RECEIPT, value);
    }
}
