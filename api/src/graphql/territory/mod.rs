//! Territories of organizations.

mod object;
mod policy;
mod query;

pub use object::{Territory, TerritoryKind};
pub use policy::POLICIES;
pub use query::TerritoryQuery;
