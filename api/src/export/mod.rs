//! Lists as files that a spreadsheet opens.

mod list;
mod organization_rows;
mod page_rows;
pub mod table;

pub use list::{ExportError, Options, prepare};
