//! Federation: entities by their keys, and the schema that routers compose.

mod cost;
mod directives;
mod object;
mod policy;
mod query;
mod representation;

pub use directives::add_directives;
pub use object::Service;
pub use policy::POLICIES;
pub use query::FederationQuery;
