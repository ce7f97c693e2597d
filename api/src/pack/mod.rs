//! Packs: what a country brings to the registry, as data files.

mod file;
mod rules;
mod service;

pub use file::{PackFile, built_in};
pub use service::{Loaded, load, load_dated, loaded};
