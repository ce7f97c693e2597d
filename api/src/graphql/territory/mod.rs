//! Territories: where organizations work.

mod object;
mod query;

pub use object::{Territory, TerritoryKind};
pub use query::TerritoryQuery;
