//! Counts of the registry itself: organizations and pages, their states, their freshness.

mod object;
mod policy;
mod query;

pub use object::{RegistryCounts, RegistryStatistics};
pub use policy::POLICIES;
pub use query::{RegistryFilter, RegistryStatisticsQuery};
