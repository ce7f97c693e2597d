//! Marks of platforms for state organizations: their workflow, their expiry, and what waits for operators.
//!
//! `workflow` has the table of all acts: what each does to a mark in each state, what it requires, and who may do it.
//! `service` runs an act as one write.

mod act;
mod error;
mod expiry;
mod queue;
mod service;
mod workflow;

pub use act::{Confirmation, MarkAct};
pub use error::{MarkError, MarkErrorCode};
pub use expiry::expire;
pub use queue::{ExpiringMarks, PendingMarks};
pub use service::{apply, perform};
pub(crate) use service::{check_requirement, claim, confirmed};
pub use workflow::{Act, REQUESTERS, REVIEWERS, Requirement, WRITERS, can_become, needs_second_person};

#[cfg(test)]
mod tests;
