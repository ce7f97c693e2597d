//! Platforms that host pages.

mod object;
mod policy;
mod query;

pub use object::Platform;
pub use policy::POLICIES;
pub use query::PlatformQuery;
