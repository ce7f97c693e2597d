//! Search: from what people type to organizations and pages, the best first.

mod object;
mod query;

pub use query::{SearchQuery, check_text};
