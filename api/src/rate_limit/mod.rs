//! Rates: everyone may ask for so many points, and gets them back at a steady rate.

mod bucket;
mod limiter;
mod redis_bucket;

pub use bucket::Allowance;
pub use limiter::{Asker, Rates, Standing, Throttled};
