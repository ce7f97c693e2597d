//! Leaderboards, ratings and indicators.

mod methodology;
mod mutation;
mod object;
mod policy;
mod publication;
mod query;

pub use mutation::RatingMutation;
pub use policy::POLICIES;
pub use query::RatingQuery;
