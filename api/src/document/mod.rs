//! Documents: measured before they are parsed, counted and costed before they are executed, and known from then on.
//!
//! The library's own checks walk every fragment wherever it is named, so that a text of a kilobyte may keep them busy for
//! minutes. Here a fragment is looked at once, and nothing is executed, or handed to the library, that does not keep its
//! [`Limits`].

mod cache;
mod complexity;
mod dependencies;
mod expensive;
mod factor;
pub mod field_order;
mod field_policies;
mod limit_error;
mod limits;
pub mod nulls;
pub mod persisted;
mod shape;
mod tokenizer;
mod variables;

pub use cache::{Document, Documents};
pub use dependencies::DocumentDependencies;
pub use expensive::ExpensiveFields;
pub use field_order::root_fields;
pub use field_policies::FieldPolicies;
pub use limit_error::LimitError;
pub use limits::{ClientTiers, Limits};
