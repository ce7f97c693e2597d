//! What every feature leans on and no feature owns.

pub mod connection;
pub mod depends;
pub mod filter;
pub mod group;
pub mod id;
pub mod in_turn;
pub mod json;
pub mod language;
pub mod payload;
pub mod period;
pub mod places;
pub mod request;
pub mod scalar;
