//! The suite: the same tests for both databases.

mod harness;

mod address;
mod architecture;
mod audience;
mod bench;
mod change;
mod cli;
mod coverage;
mod delta;
mod demo;
mod document;
mod export;
mod export_statistics;
mod federation;
mod feed;
mod filter;
mod history;
mod http;
mod identifier;
mod import;
mod jump;
mod limits;
mod pack;
mod persisted;
mod rating;
mod read;
mod real_data;
mod registry_statistics;
mod schema;
mod search;
mod series;
mod server;
mod statistics;
mod verification;
