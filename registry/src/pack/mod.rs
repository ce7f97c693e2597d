//! Packs: country data as files (platforms, identifier schemes, territories, obligations and more).

mod check;
mod file;
mod precedence;
mod rules;
mod service;
mod template;

pub use check::{Findings, check};
pub use file::{PackFile, PlatformEntry, built_in};
pub use service::{Loaded, load, load_dated, loaded};
pub use template::{new, template};
