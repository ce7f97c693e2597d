//! Pages: the official accounts of organizations on platforms.

mod filter;
mod object;
mod query;

pub use filter::{PageFilter, PageOrder, listed};
pub use object::{MarkState, Page, PageLifecycle, WidgetState};
pub use query::PageQuery;
