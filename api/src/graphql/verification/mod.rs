//! Verification: whether an address is an official page.

mod object;
mod query;

pub use query::VerificationQuery;
