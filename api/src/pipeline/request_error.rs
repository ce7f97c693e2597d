//! Errors of a whole request: nothing of it is executed, and the response has no data.

use std::borrow::Cow;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use registry::statistics::export::Form;
use serde_json::{Value, json};

use super::response::{Accepts, public_head, write};
use crate::{
    document::{LimitError, persisted::Unknown},
    error_code::ErrorCode,
    graphql::error,
};

/// Media type of an error as text.
const TEXT: &str = "text/plain; charset=utf-8";
/// Entry of `extensions` with the id under which an internal error is logged.
const TRACE_ID: &str = "traceId";
/// `Retry-After` in seconds when the database is unavailable.
pub(crate) const RETRY_UNAVAILABLE: u64 = 5;

/// An error of a whole request, as it is sent to the client.
#[derive(Debug)]
pub struct RequestError {
    code: ErrorCode,
    message: Cow<'static, str>,
    /// Entries of `extensions` beside the code.
    extensions: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether the request is well-formed and the error is in its document.
    is_of_document: bool,
}

impl RequestError {
    /// An error with the status of its code.
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            extensions: Vec::new(),
            headers: Vec::new(),
            is_of_document: false,
        }
    }

    /// An error in the document of a well-formed request.
    pub(crate) fn of_document(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { is_of_document: true, ..Self::new(code, message) }
    }

    /// Code of the error.
    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// Adds an entry to `extensions`.
    pub(crate) fn with_extension(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((name, value.into()));
        self
    }

    /// Adds a header to the response.
    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds `Retry-After`, in seconds.
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, seconds)
    }

    /// An internal error; the cause is only logged.
    pub(crate) fn internal(cause: &str) -> Self {
        let trace_id = error::new_trace_id();
        tracing::error!(cause, trace_id, "a request failed");
        Self::new(ErrorCode::Internal, error::MASKED).with_extension(TRACE_ID, trace_id)
    }

    /// The `errors` of the response: a list of one error.
    pub(crate) fn errors(&self) -> Value {
        let mut extensions = json!({ "code": self.code.as_str() });
        for (name, value) in &self.extensions {
            extensions[*name] = value.clone();
        }
        json!([{ "message": self.message, "extensions": extensions }])
    }

    /// Renders the HTTP response.
    pub(crate) fn render(self, accepts: Accepts) -> Response<Body> {
        let body = Bytes::from(json!({ "errors": self.errors() }).to_string());
        // Older clients treat any status but 200 as a transport error.
        let is_sent_as_ok = self.is_of_document && accepts == Accepts::Json;
        let status = if is_sent_as_ok { StatusCode::OK } else { self.code.status() };
        let mut headers = public_head();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        write(accepts, status, body, headers)
    }
}

impl RequestError {
    /// Renders the HTTP response to a request for a file, in its format: a line of text for CSV, one of JSON for NDJSON,
    /// otherwise JSON.
    pub(crate) fn render_for_file(self, form: Option<Form>) -> Response<Body> {
        let line = match form {
            Some(Form::Csv) => format!("{}: {}\n", self.code.as_str(), self.text()),
            Some(Form::Ndjson) => format!("{}\n", json!({ "errors": self.errors() })),
            Some(Form::Parquet) | None => return self.render(Accepts::Anything),
        };
        let media_type = if form == Some(Form::Csv) { TEXT } else { Form::Ndjson.media_type() };
        let mut response = self.render(Accepts::Anything);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        *response.body_mut() = Body::from(line);
        response
    }

    /// The message, with the id under which an internal error is logged.
    fn text(&self) -> Cow<'_, str> {
        let trace_id = self.extensions.iter().find(|(name, _)| *name == TRACE_ID);
        match trace_id.and_then(|(_, trace_id)| trace_id.as_str()) {
            None => Cow::Borrowed(&*self.message),
            Some(trace_id) => Cow::Owned(format!("{} (traceId {trace_id})", self.message)),
        }
    }
}

impl From<&anyhow::Error> for RequestError {
    /// `UNAVAILABLE` for a temporary failure of the database, `INTERNAL` for anything else.
    fn from(error: &anyhow::Error) -> Self {
        if !error::is_passing(error) {
            return Self::internal(&format!("{error:?}"));
        }
        let trace_id = error::new_trace_id();
        tracing::error!(error = format!("{error:#}"), trace_id, "the database is not available");
        let text = error::unavailable_text(error);
        Self::new(ErrorCode::Unavailable, text)
            .with_extension(TRACE_ID, trace_id)
            .retry_after(RETRY_UNAVAILABLE)
    }
}

impl From<LimitError> for RequestError {
    fn from(error: LimitError) -> Self {
        let request_error = Self::of_document(error.code(), error.to_string());
        match error {
            LimitError::Cost { requested, most } => {
                request_error.with_extension("requested", requested).with_extension("limit", most)
            }
            _ => request_error,
        }
    }
}

impl From<Unknown> for RequestError {
    fn from(unknown: Unknown) -> Self {
        Self::new(unknown.code(), unknown.to_string())
    }
}
