//! Full-text search for organizations and pages.

mod object;
mod policy;
mod query;

pub use policy::POLICIES;
pub use query::{RegistrySearchQuery, SearchQuery, check_text};
