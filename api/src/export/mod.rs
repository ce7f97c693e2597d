//! Lists as files that a spreadsheet opens.

mod list;
mod organization_rows;
mod page_rows;
pub(crate) mod table;

pub use list::{ExportError, Options, prepare};
