//! What browsers are told: which other sites may ask from their pages, and what an answer may do.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::{
    cors::{AllowOrigin, Any, CorsLayer},
    set_header::SetResponseHeaderLayer,
};

use super::consistency::{MIN_SEQ, SEQ};

/// How long a browser remembers what it was told.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// Headers of answers that pages may read.
const EXPOSED: [HeaderName; 8] = [
    SEQ,
    header::ETAG,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// Open data: pages of any site may ask.
pub fn any_site() -> CorsLayer {
    let asked = [header::ACCEPT, header::CONTENT_TYPE, header::IF_NONE_MATCH, MIN_SEQ];
    // The answer is the same whoever asks, so that one copy of it serves all sites.
    sites().allow_origin(Any).allow_headers(asked).vary(Vec::<HeaderName>::new())
}

/// Requests with a key: pages of these sites may send them.
pub fn these_sites(origins: &[HeaderValue]) -> CorsLayer {
    let asked = [header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, MIN_SEQ];
    sites().allow_origin(AllowOrigin::list(origins.iter().cloned())).allow_headers(asked)
}

fn sites() -> CorsLayer {
    CorsLayer::new().allow_methods([Method::GET, Method::POST]).expose_headers(EXPOSED).max_age(REMEMBERED)
}

/// An answer is data: it runs nothing, is shown in no frame, and tells nobody where a reader came from.
pub fn plain_data() -> [SetResponseHeaderLayer<HeaderValue>; 3] {
    [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]
    .map(|(name, value)| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
}
