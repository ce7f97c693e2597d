//! The web surface: requests in, answers out.

pub mod admission;
mod asker;
pub mod auth;
pub mod browser;
mod caching;
pub mod consistency;
pub mod endpoint;
pub mod execute;
pub mod export;
mod export_statistics;
pub mod front;
pub mod graphql;
pub mod health;
mod kept;
mod long_threads;
mod made;
mod parameters;
pub mod persisted;
pub mod rates;
pub mod request;
pub mod response;
pub mod server;
pub mod socket;
pub mod statistics;
pub mod subgraph;
mod work;
