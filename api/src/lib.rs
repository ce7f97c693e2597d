//! The registry of official pages.

pub mod address;
pub mod app;
pub mod authority;
pub mod change;
pub mod cli;
pub mod client;
pub mod config;
pub mod database;
pub mod demo;
pub mod error;
pub mod http;
pub mod identifier;
pub mod import;
pub mod institution;
pub mod kit;
pub mod node;
pub mod organization;
pub mod pack;
pub mod page;
pub mod platform;
pub mod schema;
pub mod snapshot;
pub mod telemetry;
pub mod territory;
pub mod verification;
pub mod web;
