//! API clients and their keys, for those who manage them.

mod input;
mod key_use;
mod mutation;
mod object;
mod payload;
mod policy;
mod query;

pub use key_use::KeyUses;
pub use mutation::ClientMutation;
pub use object::{ClientKey, KeyScope};
pub use policy::POLICIES;
pub use query::ClientQuery;
