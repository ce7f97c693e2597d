//! Pages: the official accounts of organizations on platforms.

mod filter;
mod mutation;
mod object;
mod order;
mod policy;
mod query;
mod state;

pub use filter::{PageFilter, listed};
pub use mutation::PageMutation;
pub use object::Page;
pub use order::{PageOrder, PageOrderField};
pub use policy::POLICIES;
pub use query::PageQuery;
pub use state::{MarkState, PageAvailability, PageLifecycle, WidgetState};
