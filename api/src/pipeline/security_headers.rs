//! CORS and security headers.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Response, header, request::Parts},
};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use super::{idempotency_key::KEY, read_your_writes::MIN_SEQ, service::GraphqlService};

/// `Access-Control-Max-Age` of preflight responses.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// Response headers that scripts may read.
const EXPOSED: &str = "registry-seq, registry-cost, registry-receipt, idempotent-replayed, content-disposition, etag, \
                       retry-after, ratelimit, ratelimit-policy, x-ratelimit-limit, x-ratelimit-remaining, \
                       x-ratelimit-reset";

/// CORS preflight of the public endpoint: any origin, without credentials.
pub fn any_site() -> CorsLayer {
    let asked = [header::ACCEPT, header::CONTENT_TYPE, header::IF_NONE_MATCH, MIN_SEQ];
    sites().allow_origin(Any).allow_headers(asked)
}

/// CORS preflight of the private endpoint: these origins may send a key.
pub fn these_sites(origins: &[HeaderValue]) -> CorsLayer {
    let (by_key, of_body) = (header::AUTHORIZATION, header::CONTENT_TYPE);
    let asked = [header::ACCEPT, by_key, of_body, header::IF_NONE_MATCH, MIN_SEQ, KEY];
    sites().allow_origin(AllowOrigin::list(origins.iter().cloned())).allow_headers(asked)
}

/// CORS preflight of files: any origin, also with a key, since the files hold only what everyone may see.
pub fn any_site_for_files() -> CorsLayer {
    let (by_tag, by_time) = (header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE);
    let asked = [header::ACCEPT, header::AUTHORIZATION, by_tag, by_time, MIN_SEQ];
    let layer = CorsLayer::new().allow_methods([Method::GET, Method::HEAD]).max_age(REMEMBERED);
    layer.allow_origin(Any).allow_headers(asked)
}

fn sites() -> CorsLayer {
    CorsLayer::new().allow_methods([Method::GET, Method::POST]).max_age(REMEMBERED)
}

/// Lets any origin read a response. Responses to GET and HEAD always have the headers, so that one cached copy serves all
/// origins; others have them only if the request has an `Origin`.
pub(crate) fn open_to_all(head: &Parts, mut response: Response<Body>) -> Response<Body> {
    let is_cached = [Method::GET, Method::HEAD].contains(&head.method);
    if is_cached || head.headers.contains_key(header::ORIGIN) {
        open(&mut response, HeaderValue::from_static("*"));
    }
    response
}

/// Lets the configured origins read a response.
pub(crate) fn open_to(
    service: &GraphqlService,
    asked: &HeaderMap,
    mut response: Response<Body>,
) -> Response<Body> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = asked.get(header::ORIGIN).filter(|origin| service.origins().contains(origin)) {
        open(&mut response, origin.clone());
    }
    response
}

/// Lets an origin, or all with `*`, read a response.
pub(crate) fn open(response: &mut Response<Body>, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// Sets the security headers, unless they are already set.
pub fn plain_data<B>(mut response: Response<B>) -> Response<B> {
    if !response.headers().contains_key(header::X_CONTENT_TYPE_OPTIONS) {
        set_plain(response.headers_mut());
    }
    response
}

/// Sets each security header that is missing; HTML pages have their own content security policy.
pub(crate) fn set_plain(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Inner service of the CORS layer; not called for `OPTIONS`, to which the layer responds itself.
pub async fn nothing(_: Request) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::empty()))
}
