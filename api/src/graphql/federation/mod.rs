//! Federation: entities by their keys, and the schema that routers compose.

mod object;
mod policy;
mod query;
mod representation;

pub use object::Service;
pub use policy::POLICIES;
pub use query::FederationQuery;
pub use representation::EntityKeys;
