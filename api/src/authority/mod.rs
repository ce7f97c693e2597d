//! Authorities: bodies of state and local power.

mod object;
mod query;

pub use object::Authority;
pub use query::AuthorityQuery;
