//! The web surface: requests in, answers out.

pub mod auth;
pub mod consistency;
pub mod document;
pub mod endpoint;
pub mod execute;
pub mod export;
mod export_statistics;
pub mod graphql;
pub mod health;
mod order;
pub mod request;
pub mod response;
pub mod statistics;
pub mod subgraph;
mod variables;
