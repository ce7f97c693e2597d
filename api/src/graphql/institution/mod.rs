//! Institutions: bodies that authorities founded or that are subordinate to them.

mod object;
mod policy;
mod query;

pub use object::{Institution, Sector};
pub use policy::POLICIES;
pub use query::InstitutionQuery;
