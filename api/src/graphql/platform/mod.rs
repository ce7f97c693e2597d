//! Platforms: where pages are.

mod object;
mod query;

pub use object::{Platform, PlatformStatus};
pub use query::PlatformQuery;
