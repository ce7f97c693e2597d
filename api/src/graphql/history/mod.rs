//! The history of one subject, and the change feed of all subjects.

mod feed;
mod filter;
mod object;
mod policy;
mod query;
mod subscription;
mod window;

pub use object::{HistoryEntry, history_of};
pub use policy::POLICIES;
pub use query::ChangeQuery;
pub use subscription::ChangeSubscription;
