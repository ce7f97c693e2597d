//! HTTP caching: `Cache-Control`, `ETag`, `Surrogate-Key`, and 304 responses.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use entities::change::SubjectType;
use registry::snapshot::Kinds;

use super::response::Accepts;
use crate::response_cache::{CachePolicy, CachedResponse};

/// Header by which caches purge responses: the kinds of records that they depend on.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
/// A cache may serve a stale response for a minute while it revalidates, and for a day on errors.
const STALE: &str = "stale-while-revalidate=60, stale-if-error=86400";
/// `s-maxage` of statistics of past days in seconds: they are rarely corrected.
const LONG: u64 = 3_600;
/// `max-age` of immutable responses in seconds.
const ALWAYS: u64 = 86_400;

/// Sets the cache headers of a public response.
pub(crate) fn set_public(
    response: &mut Response<Body>,
    accepts: Accepts,
    answer: &CachedResponse,
    max_age: u64,
) {
    if !answer.is_cacheable() {
        set_private(response.headers_mut());
        return;
    }
    let control = match answer.policy {
        CachePolicy::Always => format!("public, max-age={ALWAYS}, s-maxage={ALWAYS}, immutable, {STALE}"),
        CachePolicy::Long => format!("public, max-age=60, s-maxage={}, {STALE}", LONG.max(max_age)),
        CachePolicy::Today | CachePolicy::Short | CachePolicy::Never => {
            format!("public, max-age=0, s-maxage={max_age}, {STALE}")
        }
    };
    let headers = response.headers_mut();
    insert(headers, header::CACHE_CONTROL, &control);
    insert(headers, header::ETAG, &tag(accepts, answer));
    insert(headers, SURROGATE_KEY, &surrogate_key(answer));
}

/// Sets the cache headers of a response for one client.
pub(crate) fn set_private(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
}

/// Sets the `ETag` of a response for a client with a key.
pub(crate) fn set_tag(response: &mut Response<Body>, accepts: Accepts, answer: &CachedResponse) {
    insert(response.headers_mut(), header::ETAG, &tag(accepts, answer));
}

/// Turns a response into 304 if its `ETag` matches `If-None-Match`.
pub(crate) fn not_modified(wanted: Option<&HeaderValue>, mut response: Response<Body>) -> Response<Body> {
    let (Some(wanted), Some(tag)) = (wanted, response.headers().get(header::ETAG)) else { return response };
    if is_known(wanted, tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}

/// Whether `If-None-Match` lists an `ETag`, by weak comparison (RFC 9110, 13.1.2).
pub(crate) fn is_known(wanted: &HeaderValue, tag: &HeaderValue) -> bool {
    let (wanted, tag) = (wanted.to_str().unwrap_or_default(), tag.to_str().unwrap_or_default());
    let opaque = tag.trim_start_matches("W/");
    wanted.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == opaque)
}

/// `ETag`: hash of the body, and a letter for the media type.
fn tag(accepts: Accepts, answer: &CachedResponse) -> String {
    let kind = if accepts == Accepts::Graphql { 'g' } else { 'j' };
    format!("\"{:032x}{kind}\"", u128::from_be_bytes(answer.hash()))
}

fn surrogate_key(answer: &CachedResponse) -> String {
    let mut key = String::from("registry");
    let kinds = answer.dependencies.kinds;
    for kind in kinds.iter() {
        // `IdentifierScheme` is sent as `identifier-scheme`.
        let mut separator = ' ';
        for letter in kind.name().chars() {
            if letter.is_ascii_uppercase() {
                key.push(separator);
            }
            key.push(letter.to_ascii_lowercase());
            separator = '-';
        }
    }
    if answer.dependencies.days.is_some() {
        // Hiding a page also removes its statistics.
        let page = Kinds::of(&[SubjectType::Page]);
        key.push_str(if page.is_within(kinds) { " daily-statistics" } else { " daily-statistics page" });
    }
    key
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
