//! Search: from what people type to organizations and pages, the best first.

mod object;
mod policy;
mod query;

pub use policy::POLICIES;
pub use query::{SearchQuery, check_text};
