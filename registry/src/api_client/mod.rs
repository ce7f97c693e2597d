//! API clients and their keys.

mod authentication;
mod error;
mod key;
mod key_use;
mod keys;
mod rules;
mod service;

pub use authentication::{AuthenticatedClient, UnusableKey, authenticate, awaited, is_active, is_active_key};
pub use error::{ClientError, ClientErrorCode};
pub use key::{NewKey, is_key};
pub use key_use::{KeyUse, last_used};
pub use keys::{KeyTerms, WrittenKey, create_client_with_key, create_key, revoke_key};
pub use rules::{ClientReference, NewLimits};
pub use service::{
    ClientChanges, ClientIds, NewClient, create, create_client, edit_client, revoke, revoke_client,
};
