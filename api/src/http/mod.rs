//! The web surface: requests in, answers out.

mod asker;
pub mod auth;
pub mod consistency;
pub mod endpoint;
pub mod execute;
pub mod export;
mod export_statistics;
pub mod graphql;
pub mod health;
pub mod request;
pub mod response;
pub mod statistics;
pub mod subgraph;
