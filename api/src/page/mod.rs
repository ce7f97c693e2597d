//! Pages: the official accounts of organizations on platforms.

mod object;
mod query;

pub use object::Page;
pub use query::PageQuery;
