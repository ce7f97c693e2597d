//! Verification: whether an address is an official page.

mod object;
mod query;
pub mod service;

pub use query::VerificationQuery;
