//! The schema: one folder for each noun, and what they share in `kit`.

pub mod authority;
pub mod coverage;
pub mod error;
pub mod history;
pub mod institution;
pub mod introspection;
pub mod kit;
pub mod node;
pub mod organization;
pub mod page;
pub mod platform;
pub mod rate_limit;
pub mod rating;
pub mod registry_statistics;
pub mod schema;
pub mod search;
pub mod statistics;
pub mod territory;
pub mod verification;
