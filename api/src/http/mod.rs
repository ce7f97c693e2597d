//! Routes over HTTP: requests in, answers out.

pub mod export_lists;
mod export_statistics;
pub mod graphql;
pub mod health;
pub mod receipts;
pub mod statistics_upload;
pub mod subgraph;
