//! HTTP handlers.

pub(crate) mod coprocessor;
pub(crate) mod export;
pub(crate) mod graphql;
pub(crate) mod health;
mod keyed_upload;
pub(crate) mod receipts;
pub(crate) mod schema;
pub(crate) mod statistics_upload;
pub(crate) mod subgraph;
