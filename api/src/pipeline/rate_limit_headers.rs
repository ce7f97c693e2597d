//! Rate limit headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    cache_headers, read_your_writes::SEQ, request_error::RequestError, response::HEADERS, security_headers,
};
use crate::{
    document::{ClientTiers, Limits},
    error_code::ErrorCode,
    rate_limit::{RateLimitStatus, Throttled},
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Points taken for a response.
const COST: HeaderName = HeaderName::from_static("registry-cost");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
const LEGACY_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const LEGACY_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const LEGACY_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Prebuilt headers of a client tier.
pub struct Policy {
    policy: HeaderValue,
    limit: HeaderValue,
    /// Headers of private responses, with empty values for those that vary: copying the map takes a fraction of the time
    /// of building it.
    head: HeaderMap,
}

/// Policies of all client tiers.
pub struct Policies {
    pub(crate) public: Policy,
    pub(crate) partner: Policy,
    pub(crate) internal: Policy,
}

impl Policies {
    /// The policies for the limits of the client tiers.
    pub fn new(client_tiers: &ClientTiers) -> Self {
        Self {
            public: Policy::new(&client_tiers.public),
            partner: Policy::new(&client_tiers.partner),
            internal: Policy::new(&client_tiers.internal),
        }
    }
}

impl Policy {
    fn new(limits: &Limits) -> Self {
        let policy = pair(";q=", limits.points, ";w=", limits.points.div_ceil(limits.per_second.max(1)));
        let limit = number(limits.points);
        let mut head = HeaderMap::with_capacity(HEADERS);
        for name in [header::CONTENT_TYPE, SEQ, LEFT, LEGACY_REMAINING, LEGACY_RESET] {
            head.insert(name, HeaderValue::from_static(""));
        }
        head.insert(POLICY, policy.clone());
        head.insert(LEGACY_LIMIT, limit.clone());
        cache_headers::set_private(&mut head);
        security_headers::set_plain(&mut head);
        Self { policy, limit, head }
    }

    /// Headers of a private response; `Content-Type` and `Registry-Seq` are still empty.
    pub(crate) fn head(&self, status: &RateLimitStatus) -> HeaderMap {
        let mut head = self.head.clone();
        for (name, value) in left(status) {
            head.insert(name, value);
        }
        head
    }

    /// Adds the points taken for a response and the remaining ones to its headers.
    pub(crate) fn add(&self, status: &RateLimitStatus, headers: &mut HeaderMap) {
        headers.insert(COST, number(status.cost));
        headers.insert(POLICY, self.policy.clone());
        headers.insert(LEGACY_LIMIT, self.limit.clone());
        left(status).into_iter().for_each(|(name, value)| _ = headers.insert(name, value));
    }

    /// The error for a client that has too few points left.
    pub(crate) fn throttled(&self, throttled: &Throttled) -> RequestError {
        let seconds = throttled.retry_after.as_secs() + 1;
        let text = format!("Rate limit exceeded; try again in {seconds} s.");
        let error = RequestError::new(ErrorCode::Throttled, text).retry_after(seconds);
        let error =
            error.with_header(POLICY, self.policy.clone()).with_header(LEGACY_LIMIT, self.limit.clone());
        left(&throttled.status).into_iter().fold(error, |error, (name, value)| error.with_header(name, value))
    }
}

/// Headers with the remaining points: those of the IETF draft, and the `X-RateLimit-*` headers known from GitHub.
fn left(status: &RateLimitStatus) -> [(HeaderName, HeaderValue); 3] {
    let RateLimitStatus { limit, per_second, remaining, reset_at, .. } = *status;
    let until_reset = limit.saturating_sub(remaining).div_ceil(per_second.max(1));
    [
        (LEFT, pair(";r=", remaining, ";t=", until_reset)),
        (LEGACY_REMAINING, number(remaining)),
        (LEGACY_RESET, number(reset_at.timestamp())),
    ]
}

/// A number as a header value, in one allocation; `HeaderValue::from` needs two.
pub(crate) fn number(number: impl itoa::Integer) -> HeaderValue {
    written(&[itoa::Buffer::new().format(number)])
}

/// A structured header value about points, with two numeric parameters.
fn pair(first: &str, number: u64, second: &str, other: u64) -> HeaderValue {
    let (mut digits, mut others) = (itoa::Buffer::new(), itoa::Buffer::new());
    written(&["\"points\"", first, digits.format(number), second, others.format(other)])
}

/// Concatenates parts to a header value without `format!`, which would take almost as long as a cache hit.
fn written(parts: &[&str]) -> HeaderValue {
    let (mut text, mut length) = ([0; 80], 0);
    for part in parts {
        text[length..length + part.len()].copy_from_slice(part.as_bytes());
        length += part.len();
    }
    // The parts are always valid.
    HeaderValue::from_bytes(&text[..length]).unwrap_or_else(|_| HeaderValue::from_static(""))
}
