//! `/public/schema.graphql`: the schema of the public API as a file, for code generators.

use std::sync::LazyLock;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Response, header},
};

use crate::{
    graphql::schema::Contract,
    pipeline::{cache_headers, security_headers},
};

/// The schema changes only with the program.
const CACHE_CONTROL: &str = "public, max-age=300, stale-if-error=86400";
/// Hexadecimal digits of the `ETag`: 128 bits.
const DIGITS: usize = 32;

/// Handles a request for the schema.
pub async fn public(request: Request) -> Response<Body> {
    static TAG: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
        let hash = blake3::hash(Contract::Public.sdl().as_bytes()).to_hex();
        HeaderValue::from_str(&format!("\"{}\"", &hash[..DIGITS])).ok()
    });
    let (head, _) = request.into_parts();
    let mut response = Response::new(Body::from(Contract::Public.sdl()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL));
    if let Some(tag) = &*TAG {
        headers.insert(header::ETAG, tag.clone());
    }
    let response = cache_headers::not_modified(head.headers.get(header::IF_NONE_MATCH), response);
    security_headers::open_to_all(&head, response)
}
