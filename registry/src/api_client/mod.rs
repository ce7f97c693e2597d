//! API clients and their keys.

mod service;

pub use service::{NewKey, awaited, create, find, is_active, is_active_key, is_key, revoke};
