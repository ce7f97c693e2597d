//! GraphQL schema: one folder per noun; shared types are in `kit`.

pub(crate) mod authority;
pub(crate) mod coverage;
pub(crate) mod error;
pub(crate) mod federation;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod institution;
pub(crate) mod introspection;
pub mod kit;
pub(crate) mod node;
pub(crate) mod organization;
pub(crate) mod page;
pub(crate) mod platform;
pub(crate) mod rate_limit;
pub(crate) mod rating;
pub(crate) mod registry_info;
pub(crate) mod registry_statistics;
pub mod schema;
pub(crate) mod search;
pub(crate) mod statistics;
pub(crate) mod territory;
pub(crate) mod verification;
pub(crate) mod viewer;
