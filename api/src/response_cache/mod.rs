//! Answers that were made once and are sent again, as long as nothing changes that they are made of.
//!
//! In front, the memory of this process; behind it Redis, which replicas share and which may fail at any time. Knows
//! answers as bytes, no GraphQL and no HTTP.

mod cache;
mod cached_response;
mod codec;
mod key;
mod shared_lookup;
mod single_flight;

pub use cache::{CacheKeys, CacheMiss, Counts, ExecutionError, ResponseCache};
pub use cached_response::{CachePolicy, CachedResponse, Outcome};
pub use key::{Key, RequestKey};
