//! Search: from what people type to organizations and pages, the best first.

mod combine;
mod derivation;
mod direct;
mod document;
mod expand;
mod find;
mod found;
mod host;
mod index;
mod letters;
mod mistyped;
mod object;
mod query;
mod reading;
mod run;
pub mod service;
mod short_forms;
mod standing;
mod terms;
mod typed;
mod words;

pub use index::SearchIndex;
pub use query::{SearchQuery, check_text};
pub use words::name_stems;
