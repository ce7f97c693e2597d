//! Parameters of a request: by GET in the query string, by POST as a JSON object.

use std::{borrow::Cow, pin::pin, sync::Arc, task::Poll, time::Duration};

use axum::{
    BoxError,
    body::{Bytes, HttpBody},
    http::{HeaderMap, header},
};
use bytes::BytesMut;
use futures_util::poll;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use registry::json_names;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{body_budget::BodyPermit, content_type::ContentType, request_error::RequestError};
use crate::{
    document::persisted::{Persisted, Unknown},
    error_code::ErrorCode,
};

/// Body of a request.
pub(crate) trait RequestBody: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send {}

impl<B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send> RequestBody for B {}

/// Timeout for receiving the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Parameters of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Option<Map<String, Value>>,
    extensions: Option<Extensions>,
}

/// `extensions` of a request; unknown ones are ignored.
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
    /// Parses the query string of a GET request.
    ///
    /// # Errors
    /// When it is not a well-formed request.
    pub(crate) fn from_query(query: &[u8]) -> Result<Self, RequestError> {
        let mut parameters = Map::new();
        for (name, value) in url::form_urlencoded::parse(query) {
            let value = match &*name {
                "query" | "operationName" | "documentId" => Value::String(value.into_owned()),
                "variables" | "extensions" => json_names::parse(value.as_bytes())
                    .map_err(|error| not_json(&error, format!("`{name}` must be a JSON object.")))?,
                _ => continue,
            };
            if parameters.contains_key(&*name) {
                let text = format!("The parameter `{name}` is given twice; send it once.");
                return Err(RequestError::new(ErrorCode::BadRequest, text));
            }
            parameters.insert(name.into_owned(), value);
        }
        well_formed(Value::Object(parameters))
    }

    /// Parses the body of a POST request.
    ///
    /// # Errors
    /// When it is not a well-formed request.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, RequestError> {
        match json_names::parse(body) {
            Ok(Value::Array(_)) => {
                Err(RequestError::new(ErrorCode::BatchLimit, "Send one operation per request."))
            }
            Ok(value) => well_formed(value),
            Err(error) => Err(not_json(&error, "The body is not JSON.")),
        }
    }

    /// Text of the document, sent or persisted. Takes `query`: call it once.
    ///
    /// # Errors
    /// When the persisted document is unknown, or the document that is sent is not allowed.
    pub(crate) fn document(&mut self, persisted: &Persisted) -> Result<Arc<str>, Unknown> {
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

/// Receives the body of a POST request.
///
/// # Errors
/// When its media type is not JSON or given twice, it is too large, incomplete or late, or too many bodies are being received.
pub(crate) async fn body(
    headers: &HeaderMap,
    body: impl RequestBody,
    limit: usize,
    permit: BodyPermit,
) -> Result<(Bytes, BodyPermit), RequestError> {
    if !is_json(headers)? {
        let text = "Send the request as application/json in UTF-8.";
        return Err(RequestError::new(ErrorCode::UnsupportedMediaType, text));
    }
    if is_encoded(headers) {
        let text = "Send the request without a Content-Encoding.";
        return Err(RequestError::new(ErrorCode::UnsupportedMediaType, text));
    }
    let too_large = || {
        let text = format!("The request is larger than {limit} bytes.");
        RequestError::new(ErrorCode::PayloadTooLarge, text)
    };
    // With a `Content-Length`, a body that is too large is rejected without reading it.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut whole = pin!(whole(Limited::new(body, limit), permit));
    // Most bodies are complete already and need no timer.
    let body = match poll!(&mut whole) {
        Poll::Ready(body) => Ok(body),
        Poll::Pending => tokio::time::timeout(BODY_TIMEOUT, whole).await,
    };
    let Ok(body) = body else {
        let text = "The request body was not received in time; send it again.";
        return Err(RequestError::new(ErrorCode::RequestTimeout, text));
    };
    body.map_err(|error| match error {
        Broken::BudgetExhausted => {
            let text = "Too many requests are being received; try again shortly.";
            RequestError::new(ErrorCode::Overloaded, text).retry_after(1)
        }
        Broken::Body(error) if error.is::<LengthLimitError>() => too_large(),
        Broken::Body(_) => {
            RequestError::new(ErrorCode::BadRequest, "The request body was cut off or has malformed chunks.")
        }
    })
}

/// Whether the body is compressed, or otherwise encoded.
fn is_encoded(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    encodings.iter().any(|encoding| !encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// Why a body was not received completely.
enum Broken {
    /// The memory budget is exhausted.
    BudgetExhausted,
    /// It is too large, or was cut off.
    Body(BoxError),
}

/// The whole body: without a copy if it arrives in one piece, otherwise collected, with its bytes reserved in the budget.
async fn whole<B: HttpBody<Data = Bytes, Error = BoxError>>(
    body: B,
    mut permit: BodyPermit,
) -> Result<(Bytes, BodyPermit), Broken> {
    let mut body = pin!(body);
    let first = body.frame().await.transpose().map_err(Broken::Body)?;
    let Some(first) = first.and_then(|frame| frame.into_data().ok()) else {
        return Ok((Bytes::new(), permit));
    };
    if body.is_end_stream() {
        return Ok((first, permit));
    }
    if !permit.take(first.len()) {
        return Err(Broken::BudgetExhausted);
    }
    let mut all = BytesMut::from(first);
    while let Some(frame) = body.frame().await {
        if let Ok(more) = frame.map_err(Broken::Body)?.into_data() {
            if !permit.take(more.len()) {
                return Err(Broken::BudgetExhausted);
            }
            all.extend_from_slice(&more);
        }
    }
    Ok((all.freeze(), permit))
}

fn well_formed(value: Value) -> Result<Parameters, RequestError> {
    let parameters = serde_json::from_value(value).ok().filter(Parameters::names_a_document);
    parameters.ok_or_else(|| {
        let text = "The request needs `query` or `documentId` (string); `operationName` (string), `variables` and \
                    `extensions` (objects) are optional.";
        RequestError::new(ErrorCode::BadRequest, text)
    })
}

/// The error of a text that is not JSON, or in which a name occurs twice.
fn not_json(error: &serde_json::Error, text: impl Into<Cow<'static, str>>) -> RequestError {
    match error.is_data() {
        true => RequestError::new(ErrorCode::BadRequest, format!("Give each name once: {error}.")),
        false => RequestError::new(ErrorCode::BadRequest, text),
    }
}

fn is_json(headers: &HeaderMap) -> Result<bool, RequestError> {
    let content_type = ContentType::read(headers)?;
    Ok(content_type
        .is_some_and(|it| it.media_type().eq_ignore_ascii_case("application/json") && it.is_utf8()))
}
