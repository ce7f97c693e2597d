//! Rate limiting: each client has a bucket of points that refills at a steady rate.

mod bucket;
mod limiter;
mod redis_bucket;

pub use bucket::Quota;
pub use limiter::{ClientKey, RateLimitStatus, RateLimiter, Throttled};
