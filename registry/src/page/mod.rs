//! Acts of operators on pages: registration, corrections, review, archive, loss of control, results of checks.
//!
//! `lifecycle` has the table of all acts: what each does to a page in each stage, and who may do it. `service` runs
//! an act as one write; the other files are its rules.

mod act;
mod address;
mod check;
mod draft;
mod edit;
mod error;
mod lifecycle;
mod owners;
mod register;
mod service;

pub use act::{CheckResult, PageAct, PageEdit, PageField, PageFields};
pub use address::PageAddress;
pub use error::{PageError, PageErrorCode};
pub use lifecycle::{Act, Effect, needs_second_person};
pub use register::{NewPage, register};
pub use service::{apply, perform};

#[cfg(test)]
mod tests;
