//! Stages of a GraphQL request: body → response cache by bytes → load shedding → parameters and persisted document →
//! document check and cost → response cache by content → rate limiter → idempotency key → single flight → schedule →
//! execution → finish.
//! docs/architecture.md describes each stage. The stages depend on the service, and not on routes.
//!
//! Also what other routes share with them: limits of WebSockets, uploads and downloads, metering, headers.

mod accept;
pub(crate) mod answer;
pub(crate) mod body_budget;
pub(crate) mod body_hash;
pub(crate) mod cache_headers;
mod cached_execution;
pub(crate) mod caller;
pub(crate) mod compression;
pub(crate) mod content_type;
pub(crate) mod downloads;
pub(crate) mod endpoint;
pub(crate) mod execution;
pub(crate) mod finish;
pub(crate) mod idempotency_key;
pub(crate) mod inflate;
pub mod json;
pub mod key_lookups;
mod keyed_execution;
pub(crate) mod keyed_response;
pub(crate) mod load_shedder;
pub(crate) mod metered;
mod paid_execution;
pub(crate) mod parameters;
pub(crate) mod permits;
pub(crate) mod planning;
pub(crate) mod rate_limit_headers;
pub(crate) mod read_your_writes;
pub(crate) mod request;
pub(crate) mod request_error;
pub(crate) mod response;
mod schedule;
pub(crate) mod security_headers;
pub(crate) mod service;
pub(crate) mod socket_limits;
pub(crate) mod trace;
pub(crate) mod transfers;
pub(crate) mod uploads;
