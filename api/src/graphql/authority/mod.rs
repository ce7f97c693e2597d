//! Authorities: bodies of state and local power.

mod object;
mod query;

pub use object::{Authority, AuthorityBranch, AuthorityLevel};
pub use query::AuthorityQuery;
