//! Institutions: bodies that authorities founded or that are subordinate to them.

mod object;
mod query;

pub use object::{Institution, Sector};
pub use query::InstitutionQuery;
