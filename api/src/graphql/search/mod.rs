//! Full-text search for organizations and pages.

mod object;
mod policy;
mod query;

pub use object::SearchMatch;
pub use policy::POLICIES;
pub use query::{RegistrySearchQuery, SearchQuery, among, check_text};
