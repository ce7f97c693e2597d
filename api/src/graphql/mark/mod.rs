//! Marks of platforms for state organizations: acts on them, and those that operators have to look after.

mod error;
mod input;
mod mutation;
mod payload;
mod policy;
mod query;

pub use mutation::MarkMutation;
pub use policy::POLICIES;
pub use query::MarkQuery;
