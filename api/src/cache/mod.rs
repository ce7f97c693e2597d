//! Answers that were made once and are sent again, as long as nothing changes that they are made of.
//!
//! In front, the memory of this process; behind it Redis, which replicas share and which may fail at any time. Knows
//! answers as bytes, no GraphQL and no HTTP.

mod answer;
mod answers;
mod flights;
mod key;
mod lookups;
mod packed;

pub use answer::{Answer, Lasts, Outcome};
pub use answers::{Answers, Counts, Known, Making, Unmade};
pub use key::{Key, RequestKey};
