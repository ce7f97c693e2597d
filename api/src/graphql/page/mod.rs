//! Pages: the official accounts of organizations on platforms.

mod filter;
mod object;
mod policy;
mod query;

pub use filter::{PageFilter, PageOrder, listed};
pub use object::{MarkState, Page, PageLifecycle, WidgetState};
pub use policy::POLICIES;
pub use query::PageQuery;
