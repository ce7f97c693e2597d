//! The program around the registry: GraphQL, HTTP, and the command line.

pub mod app;
pub mod auth;
pub mod background;
pub mod cli;
pub mod config;
pub mod document;
pub mod error_code;
pub mod export;
pub mod graphql;
pub mod http;
pub mod pipeline;
pub mod rate_limit;
pub mod redis;
pub mod response_cache;
pub mod router;
pub mod server;
pub mod telemetry;
pub mod web;
pub mod websocket;
pub mod witness;
