//! Ratings: who is first by what, with ties and changes of place.

mod board;
mod methodology;
mod object;
mod query;
mod score;

pub use query::RatingQuery;
