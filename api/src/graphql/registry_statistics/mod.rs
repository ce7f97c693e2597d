//! Counts of the registry itself: organizations and pages, their states, their freshness.

mod object;
mod query;

pub use object::{RegistryCounts, RegistryStatistics};
pub use query::{RegistryFilter, RegistryStatisticsQuery};
