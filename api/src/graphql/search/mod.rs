//! Full-text search for organizations and pages.

mod object;
mod policy;
mod query;

pub use policy::POLICIES;
pub use query::{SearchQuery, check_text};
