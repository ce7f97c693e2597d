//! Leaderboards, ratings and indicators.

mod leaderboard;
mod methodology;
mod mutation;
mod object;
mod policy;
mod publication;
mod query;

pub use leaderboard::LeaderboardArguments;
pub use mutation::RatingMutation;
pub use object::LeaderboardKind;
pub use policy::{LEADERBOARD_POINTS, POLICIES, RATING_POINTS};
pub use query::{RatingQuery, methodology};
