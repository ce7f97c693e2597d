//! What every feature leans on and no feature owns.

pub mod connection;
pub mod context;
pub mod dependencies;
pub mod field_policy;
pub mod filter;
pub mod group;
pub mod id;
pub mod period;
pub mod policy;
pub mod scalar;
pub mod sequential;
pub mod user_error;
