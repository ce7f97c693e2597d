//! Packs: what a country brings to the registry, as data files.

mod file;
mod service;

pub use file::{PackFile, built_in};
pub use service::{Loaded, load, loaded};
