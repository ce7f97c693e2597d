//! Rates: everyone may ask for so many points, and gets them back at a steady rate.

mod bucket;
mod query;
mod service;
mod shared_bucket;

pub use bucket::Allowance;
pub use query::{RateLimit, RateQuery};
pub use service::{Asker, Rates, Standing, Throttled};
