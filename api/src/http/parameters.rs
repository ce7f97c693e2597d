//! Parameters of a request: by GET in the query string, by POST as a JSON object.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    http::{HeaderMap, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    persisted::{Persisted, Unknown},
    request::Refused,
    response::{Accepts, refusal},
};

/// Time for a request's body to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Parameters of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    extensions: Option<Extensions>,
}

/// What the request has beside; what is not known is none of ours.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    sha256_hash: String,
}

impl Parameters {
    /// Reads the query string of a request by GET.
    ///
    /// # Errors
    /// The refusal to send when it holds no request.
    pub(super) fn from_query(accepts: Accepts, query: &[u8]) -> Result<Self, Refused> {
        let mut parameters = Map::new();
        for (name, value) in url::form_urlencoded::parse(query) {
            let value = match &*name {
                "query" | "operationName" | "documentId" => Value::String(value.into_owned()),
                "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| {
                    bad_request(accepts, "BAD_REQUEST", &format!("`{name}` must be a JSON object."))
                })?,
                _ => continue,
            };
            parameters.insert(name.into_owned(), value);
        }
        well_formed(accepts, Value::Object(parameters))
    }

    /// Reads the body of a request by POST.
    ///
    /// # Errors
    /// The refusal to send when it holds no request.
    pub(super) fn from_body(accepts: Accepts, body: &[u8]) -> Result<Self, Refused> {
        match serde_json::from_slice(body) {
            Ok(Value::Array(_)) => Err(bad_request(accepts, "BATCH_LIMIT", "Send one operation a request.")),
            Ok(value) => well_formed(accepts, value),
            Err(_) => Err(bad_request(accepts, "BAD_REQUEST", "The body is not JSON.")),
        }
    }

    /// Text of the document, sent or named. To be asked for once.
    ///
    /// # Errors
    /// When the document that is named is not to be had, or the one that is sent is not wanted.
    pub(super) fn document(&mut self, persisted: &Persisted) -> Result<Arc<str>, Unknown> {
        let text = self.query.take();
        let named = self.extensions.as_ref().and_then(|extensions| extensions.persisted_query.as_ref());
        match (named, &self.document_id, text) {
            (_, Some(id), None) => persisted.by_id(id),
            (Some(named), _, text) => persisted.by_hash(&named.sha256_hash, text),
            (None, _, text) => persisted.by_text(text.unwrap_or_default()),
        }
    }

    fn names_a_document(&self) -> bool {
        let is_named = |extensions: &Extensions| extensions.persisted_query.is_some();
        self.query.is_some() || self.document_id.is_some() || self.extensions.as_ref().is_some_and(is_named)
    }
}

/// Takes in the body of a request by POST.
///
/// # Errors
/// The refusal to send when it is no JSON, too long, or takes too long to come.
pub(super) async fn body(
    accepts: Accepts,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, Refused> {
    if !is_json(headers) {
        let (status, text) =
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the request as application/json in UTF-8.");
        return Err(refusal(accepts, status, "UNSUPPORTED_MEDIA_TYPE", text).into());
    }
    let too_large = || {
        let text = format!("The request is larger than {limit} bytes, or broke off.");
        refusal(accepts, StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &text).into()
    };
    // Of a body that says how long it is, nothing needs to be read to refuse it.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let Ok(body) = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, limit)).await else {
        let (status, text) =
            (StatusCode::REQUEST_TIMEOUT, "The request took too long to come; send it again.");
        return Err(refusal(accepts, status, "REQUEST_TIMEOUT", text).into());
    };
    body.map_err(|_| too_large())
}

fn bad_request(accepts: Accepts, code: &str, text: &str) -> Refused {
    refusal(accepts, StatusCode::BAD_REQUEST, code, text).into()
}

fn well_formed(accepts: Accepts, value: Value) -> Result<Parameters, Refused> {
    let parameters = serde_json::from_value(value).ok().filter(Parameters::names_a_document);
    parameters.ok_or_else(|| {
        let text = "The request needs `query` or `documentId` (text), and may have `operationName` (text), `variables` and \
                    `extensions` (objects).";
        bad_request(accepts, "BAD_REQUEST", text)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts
            .filter_map(|part| part.strip_prefix("charset=").map(str::to_owned))
            .all(|set| set.contains("utf-8"))
}
