//! Rates: everyone may ask for so many points, and gets them back at a steady rate.

mod bucket;
mod limiter;
mod redis_bucket;

pub use bucket::Quota;
pub use limiter::{ClientKey, RateLimitStatus, RateLimiter, Throttled};
