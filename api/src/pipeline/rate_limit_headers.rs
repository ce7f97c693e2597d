//! What clients are told of the points that they have left.

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
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
const LEGACY_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const LEGACY_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const LEGACY_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What all clients of a client tier are told, written once.
pub struct Policy {
    policy: HeaderValue,
    limit: HeaderValue,
    /// Headers of answers that are for whoever asked alone, with empty places for what differs: copying them takes a
    /// fraction of the time that writing them does.
    head: HeaderMap,
}

/// Policies of everyone who may ask.
pub struct Policies {
    pub(crate) public: Policy,
    pub(crate) partner: Policy,
    pub(crate) internal: Policy,
}

impl Policies {
    /// What follows from the limits of everyone.
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
        cache_headers::tell_private(&mut head);
        security_headers::tell_plain(&mut head);
        Self { policy, limit, head }
    }

    /// Headers of an answer that is for whoever asked alone, but for its media type and its place in the log.
    pub(crate) fn head(&self, status: &RateLimitStatus) -> HeaderMap {
        let mut head = self.head.clone();
        for (name, value) in left(status) {
            head.insert(name, value);
        }
        head
    }

    /// The error of a client that has too few points left.
    pub(crate) fn throttled(&self, throttled: &Throttled) -> RequestError {
        let seconds = throttled.retry_after.as_secs() + 1;
        let text = format!("You have asked for more than you may at once; try again in {seconds} s.");
        let error = RequestError::new(ErrorCode::Throttled, text).retry_after(seconds);
        let error =
            error.with_header(POLICY, self.policy.clone()).with_header(LEGACY_LIMIT, self.limit.clone());
        left(&throttled.status).into_iter().fold(error, |error, (name, value)| error.with_header(name, value))
    }
}

/// Headers that tell what is left: as the IETF's draft has it, and as clients know it from GitHub.
fn left(status: &RateLimitStatus) -> [(HeaderName, HeaderValue); 3] {
    let RateLimitStatus { limit, per_second, remaining, reset_at, .. } = *status;
    let until_reset = limit.saturating_sub(remaining).div_ceil(per_second.max(1));
    [
        (LEFT, pair(";r=", remaining, ";t=", until_reset)),
        (LEGACY_REMAINING, number(remaining)),
        (LEGACY_RESET, number(reset_at.timestamp())),
    ]
}

/// A number; in as little memory as it needs, which `HeaderValue::from` takes two blocks for.
pub(crate) fn number(number: impl itoa::Integer) -> HeaderValue {
    written(&[itoa::Buffer::new().format(number)])
}

/// Two numbers about points.
fn pair(first: &str, number: u64, second: &str, other: u64) -> HeaderValue {
    let (mut digits, mut others) = (itoa::Buffer::new(), itoa::Buffer::new());
    written(&["\"points\"", first, digits.format(number), second, others.format(other)])
}

/// Digits, names and signs, one after the other: kept answers take little longer to find than formats to be filled in.
fn written(parts: &[&str]) -> HeaderValue {
    let (mut text, mut length) = ([0; 80], 0);
    for part in parts {
        text[length..length + part.len()].copy_from_slice(part.as_bytes());
        length += part.len();
    }
    // They are always well-formed.
    HeaderValue::from_bytes(&text[..length]).unwrap_or_else(|_| HeaderValue::from_static(""))
}
