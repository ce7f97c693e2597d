//! Platforms: where pages are.

mod object;
mod policy;
mod query;

pub use object::{Platform, PlatformStatus};
pub use policy::POLICIES;
pub use query::PlatformQuery;
