//! What browsers are told: which other sites may ask from their pages, and what an answer may do.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Response, header, request::Parts},
};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use super::{read_your_writes::MIN_SEQ, service::GraphqlService};

/// How long a browser remembers what it was told.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// Headers of answers that pages may read.
const EXPOSED: &str = "registry-seq, etag, retry-after, ratelimit, ratelimit-policy, x-ratelimit-limit, \
                       x-ratelimit-remaining, x-ratelimit-reset";

/// What browsers are told that ask beforehand: open data, which pages of any site may ask for.
pub fn any_site() -> CorsLayer {
    let asked = [header::ACCEPT, header::CONTENT_TYPE, header::IF_NONE_MATCH, MIN_SEQ];
    sites().allow_origin(Any).allow_headers(asked)
}

/// What browsers are told that ask beforehand: pages of these sites may send requests with a key.
pub fn these_sites(origins: &[HeaderValue]) -> CorsLayer {
    let asked = [header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, MIN_SEQ];
    sites().allow_origin(AllowOrigin::list(origins.iter().cloned())).allow_headers(asked)
}

fn sites() -> CorsLayer {
    CorsLayer::new().allow_methods([Method::GET, Method::POST]).max_age(REMEMBERED)
}

/// Lets pages of any site read an answer. What caches may keep is the same whoever asks, so that one copy of it serves all
/// sites; what they may not is told in full to browsers alone.
pub(crate) fn open_to_all(head: &Parts, mut response: Response<Body>) -> Response<Body> {
    if head.method == Method::GET || head.headers.contains_key(header::ORIGIN) {
        open(&mut response, HeaderValue::from_static("*"));
    }
    response
}

/// Lets pages of the sites that may send a key read an answer.
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

fn open(response: &mut Response<Body>, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// An answer is data: it runs nothing, is shown in no frame, and tells nobody where a reader came from.
pub fn plain_data<B>(mut response: Response<B>) -> Response<B> {
    if !response.headers().contains_key(header::X_CONTENT_TYPE_OPTIONS) {
        tell_plain(response.headers_mut());
    }
    response
}

/// Tells it, but for what is told already: a page of ours brings a policy of its own.
pub(crate) fn tell_plain(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Answer to a browser that asks beforehand in a way of its own: what it may do stands in the headers, or not.
pub async fn nothing(_: Request) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::empty()))
}
