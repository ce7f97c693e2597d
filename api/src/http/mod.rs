//! Routes over HTTP: requests in, answers out.

pub mod export;
mod export_statistics;
pub mod graphql;
pub mod health;
pub mod receipts;
pub mod statistics;
pub mod subgraph;
