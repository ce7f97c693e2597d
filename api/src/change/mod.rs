//! The ordered change log: the only way in which the registry changes, and how everyone learns of it.

mod append;
mod draft;
mod follow;
mod hash;
mod kind;
mod registry;
mod rows;
mod verify;

pub use draft::{Draft, JobProgress};
pub use registry::Registry;
pub use verify::{Verdict, verify};
