//! Full-text search for organizations and pages.

mod collector;
mod combine;
mod derivation;
mod document;
mod exact_match;
mod expand;
mod field_weight;
mod found;
mod frequency;
mod host;
mod index;
mod indexer;
mod mistyped;
mod reading;
mod run;
pub mod service;
mod short_forms;
mod terms;
mod tokenizer;
mod transliteration;
mod typed;

pub use index::SearchIndex;
pub use tokenizer::name_stems;
