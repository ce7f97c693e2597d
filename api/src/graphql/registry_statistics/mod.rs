//! Counts of organizations and pages by group, state and freshness.

mod counts;
mod object;
mod policy;
mod query;

pub use policy::POLICIES;
pub use query::{RegistryFilter, RegistryStatisticsQuery};
