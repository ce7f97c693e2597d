//! The registry of official pages: records, change log, and what is computed from them. Independent of GraphQL and HTTP.

pub mod address;
pub mod analytics;
pub mod api_client;
pub mod attribution;
pub mod calendar;
pub mod change_log;
pub mod csv_writer;
pub mod database;
pub mod demo;
pub mod global_id;
pub mod identifier;
pub mod import;
pub mod json_names;
pub(crate) mod language;
pub mod model;
pub mod pack;
pub mod parquet_writer;
pub(crate) mod parse_error;
pub(crate) mod rollup;
pub mod search;
pub mod snapshot;
pub mod statistics;
pub mod task_monitor;
pub mod verification;
pub mod view;
pub mod worker_pool;
