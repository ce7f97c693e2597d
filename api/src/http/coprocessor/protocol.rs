//! Protocol of the coprocessors of Hive Router, version 1, at the stage `router.request`.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};

use crate::{error_code::ErrorCode, pipeline::request_error::RequestError};

const VERSION: u8 = 1;
const STAGE: &str = "router.request";

/// Call of a router, as it is sent; what is not read here is ignored.
#[derive(Deserialize)]
struct Sent {
    version: u64,
    stage: String,
    method: Option<String>,
    headers: Option<ClientHeaders>,
    body: Option<String>,
}

/// Headers of the client's request that are read, with all values of each.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct ClientHeaders {
    accept: Vec<String>,
    authorization: Vec<String>,
    origin: Vec<String>,
    x_forwarded_for: Vec<String>,
}

/// The client's request, which a router asks about.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// When it is of another version or stage, or lacks a part.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        let sent: Sent = serde_json::from_slice(bytes).map_err(|_| no_call())?;
        if sent.version != u64::from(VERSION) || sent.stage != STAGE {
            return Err(no_call());
        }
        let (Some(method), Some(headers), Some(body)) = (sent.method, sent.headers, sent.body) else {
            return Err(no_call());
        };
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| no_call())?;
        Ok(Self { method, headers: headers.into_map(), body })
    }
}

impl ClientHeaders {
    fn into_map(self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, values) in [
            (header::ACCEPT, self.accept),
            (header::AUTHORIZATION, self.authorization),
            (header::ORIGIN, self.origin),
            (HeaderName::from_static("x-forwarded-for"), self.x_forwarded_for),
        ] {
            for value in values {
                // A value that no header can have is kept as one that is not valid.
                let value = HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("?"));
                map.append(name.clone(), value);
            }
        }
        map
    }
}

/// What the router shall do with the client's request.
#[derive(Serialize)]
struct Decision<'a> {
    version: u8,
    control: Control,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Control {
    Continue,
    /// Respond with this status.
    Break(u16),
}

/// Lets the router go on with the request as it is.
pub(super) fn go_on() -> Response<Body> {
    Json(Decision { version: VERSION, control: Control::Continue, headers: None, body: None }).into_response()
}

/// Lets the router send this response instead.
pub(super) fn respond(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
    let headers = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let decision = Decision {
        version: VERSION,
        control: Control::Break(status.as_u16()),
        headers: Some(headers.collect()),
        body: std::str::from_utf8(body).ok(),
    };
    Json(decision).into_response()
}

fn no_call() -> RequestError {
    let text = "This is a coprocessor of version 1 for the stage `router.request`; include `method`, `headers` and `body`.";
    RequestError::new(ErrorCode::BadRequest, text)
}
