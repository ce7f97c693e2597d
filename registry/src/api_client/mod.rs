//! API clients and their keys.

mod service;

pub use service::{NewKey, create, find, is_active, revoke};
