//! Ratings: who is first by what, with ties and changes of place.

mod board;
mod entry;
mod methodology;
mod mutation;
mod object;
mod publication;
mod query;
mod score;
mod service;

pub use entry::{altered, altered_within};
pub use mutation::RatingMutation;
pub use query::RatingQuery;
