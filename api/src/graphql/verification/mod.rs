//! Verification: whether an address is an official page.

mod object;
mod policy;
mod query;

pub use object::PageVerdict;
pub use policy::POLICIES;
pub use query::VerificationQuery;
