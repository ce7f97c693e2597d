//! History: what happened to a subject, and the change feed that tells of all of them.

mod feed;
mod object;
mod policy;
mod query;
mod subscription;
mod window;

pub(crate) use feed::plain_id;
pub use feed::{Change, ChangeConnection};
pub use object::{HistoryEntry, history_of};
pub use policy::POLICIES;
pub use query::ChangeQuery;
pub use subscription::ChangeSubscription;
