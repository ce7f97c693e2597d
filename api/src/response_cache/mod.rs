//! Response cache: a response is valid until a record that it depends on changes.
//!
//! The first level is the memory of this process, the second is Redis, which replicas share and which may fail at any time.
//! Responses are bytes here; the module knows neither GraphQL nor HTTP.

mod cache;
mod cached_response;
mod codec;
mod key;
mod shared_lookup;
mod single_flight;

pub use cache::{CacheKeys, CacheMiss, ExecutionError, Partition, ResponseCache};
pub use cached_response::{CachePolicy, CachedResponse, Outcome};
pub use key::{Key, RequestKey};
