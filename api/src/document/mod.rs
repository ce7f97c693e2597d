//! GraphQL documents: tokenizer limits before parsing, size limits and cost before execution, and a cache of parsed
//! documents.
//!
//! async-graphql's own limits walk a fragment at every spread, so that a document of a kilobyte can keep them busy for
//! minutes. Here every fragment is visited once, and only documents within their [`Limits`] are passed to the library.

mod argument_defaults;
mod bare_fragments;
mod cache;
mod complexity;
mod cost_table;
mod dependencies;
pub(crate) mod empty_selections;
mod expensive;
mod explanations;
mod factor;
pub(crate) mod field_order;
mod field_policies;
pub(crate) mod interfaces_of_interfaces;
mod limit_error;
mod limits;
mod null_representations;
pub(crate) mod nulls;
mod operation_costs;
mod operations;
mod parse;
pub mod persisted;
mod shape;
mod structure;
mod subscription_field;
mod suggestions;
mod tokenizer;
mod typename_directives;
mod unicode_escapes;
mod unreadable_values;
mod validation;
mod variables;

pub use cache::{Document, Documents, POINT_TIME};
pub use cost_table::cost_tables;
pub use dependencies::DocumentDependencies;
pub use expensive::ExpensiveFields;
pub use explanations::Explanations;
pub use field_policies::FieldPolicies;
pub use limit_error::LimitError;
pub use limits::{ClientTiers, Limits};
pub(crate) use structure::Structures;
