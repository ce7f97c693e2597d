//! Ratings: who is first by what, with ties and changes of place.

mod methodology;
mod mutation;
mod object;
mod publication;
mod query;

pub use mutation::RatingMutation;
pub use query::RatingQuery;
