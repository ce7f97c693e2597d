//! Ratings: who is first by what, with ties and changes of place.

mod board;
mod object;
mod query;

pub use query::RatingQuery;
