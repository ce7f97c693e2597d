//! The ordered change log: the only way in which the registry changes, and how everyone learns of it.

mod append;
mod clock;
mod draft;
mod feed;
mod follow;
mod hash;
mod kind;
mod owners;
mod past;
mod progress;
mod record;
mod registry;
mod rows;
mod verify;
mod writing;

pub use clock::ClockFault;
pub use draft::Draft;
pub use feed::{Entry, Scope, Step};
pub use progress::{JobProgress, JobTaken};
pub use registry::Registry;
pub use verify::{Verdict, verify};
pub use writing::Writing;
