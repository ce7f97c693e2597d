//! The program around the registry: GraphQL, HTTP and the command line.

pub mod app;
pub(crate) mod auth;
pub(crate) mod background;
pub mod cli;
pub mod config;
pub mod document;
pub(crate) mod error_code;
pub(crate) mod export;
pub mod graphql;
pub(crate) mod http;
pub mod pipeline;
pub(crate) mod rate_limit;
pub mod redis;
pub(crate) mod response_cache;
pub mod router;
pub mod server;
pub(crate) mod telemetry;
pub(crate) mod web;
pub(crate) mod websocket;
pub mod witness;
