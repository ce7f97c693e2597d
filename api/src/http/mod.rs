//! HTTP handlers.

pub(crate) mod export_lists;
mod export_statistics;
pub(crate) mod graphql;
pub(crate) mod health;
pub(crate) mod receipts;
pub(crate) mod statistics_upload;
pub(crate) mod subgraph;
