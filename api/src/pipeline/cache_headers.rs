//! What caches between us and whoever asks are told, and answers to those who have the answer already.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use entities::change::SubjectType;
use registry::snapshot::Kinds;

use super::response::Accepts;
use crate::response_cache::{CachePolicy, CachedResponse};

/// What caches purge answers by: the kinds of things that they are made of.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
/// A cache may send what is a little too old while it asks for a newer one, and for a day when it gets none.
const STALE: &str = "stale-while-revalidate=60, stale-if-error=86400";
/// Seconds for which figures of days that lie behind may be kept: they are hardly ever corrected.
const LONG: u64 = 3_600;
/// Seconds for which what never changes may be kept.
const ALWAYS: u64 = 86_400;

/// Tells caches how an answer that everyone may see may be kept.
pub(crate) fn tell_public(
    response: &mut Response<Body>,
    accepts: Accepts,
    answer: &CachedResponse,
    max_age: u64,
) {
    if !answer.is_cacheable() {
        tell_private(response.headers_mut());
        return;
    }
    let control = match answer.policy {
        CachePolicy::Always => format!("public, max-age={ALWAYS}, s-maxage={ALWAYS}, immutable, {STALE}"),
        CachePolicy::Long => format!("public, max-age=60, s-maxage={}, {STALE}", LONG.max(max_age)),
        CachePolicy::Today | CachePolicy::Moments | CachePolicy::Never => {
            format!("public, max-age=0, s-maxage={max_age}, {STALE}")
        }
    };
    let headers = response.headers_mut();
    insert(headers, header::CACHE_CONTROL, &control);
    insert(headers, header::ETAG, &tag(accepts, answer));
    insert(headers, SURROGATE_KEY, &surrogate_key(answer));
}

/// Tells caches that an answer is for whoever asked alone.
pub(crate) fn tell_private(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
}

/// Tells a client with a key what it can tell its copy by.
pub(crate) fn tell_tag(response: &mut Response<Body>, accepts: Accepts, answer: &CachedResponse) {
    insert(response.headers_mut(), header::ETAG, &tag(accepts, answer));
}

/// The same answer without what is in it, if the client has that already.
pub(crate) fn unless_known(wanted: Option<&HeaderValue>, mut response: Response<Body>) -> Response<Body> {
    let (Some(wanted), Some(tag)) = (wanted, response.headers().get(header::ETAG)) else { return response };
    let (wanted, tag) = (wanted.to_str().unwrap_or_default(), tag.to_str().unwrap_or_default());
    let is_known =
        wanted.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}

/// The hash of what is sent, and of which media type it is.
fn tag(accepts: Accepts, answer: &CachedResponse) -> String {
    let kind = if accepts == Accepts::Graphql { 'g' } else { 'j' };
    format!("\"{:032x}{kind}\"", u128::from_be_bytes(answer.hash()))
}

fn surrogate_key(answer: &CachedResponse) -> String {
    let mut key = String::from("registry");
    let kinds = answer.dependencies.kinds;
    for kind in kinds.iter() {
        key.push(' ');
        key.push_str(name(kind));
    }
    if answer.dependencies.days.is_some() {
        // A page that is hidden takes its figures along.
        let page = Kinds::of(&[SubjectType::Page]);
        key.push_str(if page.is_within(kinds) { " figures-of-days" } else { " figures-of-days page" });
    }
    key
}

/// What a kind is called in keys of caches.
fn name(kind: SubjectType) -> &'static str {
    match kind {
        SubjectType::Territory => "territory",
        SubjectType::Sector => "sector",
        SubjectType::IdentifierScheme => "identifier-scheme",
        SubjectType::Platform => "platform",
        SubjectType::Organization => "organization",
        SubjectType::Page => "page",
        SubjectType::Client => "client",
        SubjectType::ObligationRule => "obligation-rule",
        SubjectType::Exemption => "exemption",
        SubjectType::Abbreviation => "abbreviation",
        SubjectType::Statistics => "statistics",
        SubjectType::Indicator => "indicator",
        SubjectType::Methodology => "methodology",
        SubjectType::Rating => "rating",
        SubjectType::Pack => "pack",
        SubjectType::ImportJob => "import-job",
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
