//! Authorities: state and local government bodies.

mod object;
mod policy;
mod query;

pub use object::{Authority, AuthorityBranch, AuthorityLevel};
pub use policy::POLICIES;
pub use query::AuthorityQuery;
