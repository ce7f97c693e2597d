//! Lists as files that a spreadsheet opens.

mod list;
mod organization_rows;
mod page_rows;
mod sheet;
pub mod table;

pub use list::{ExportError, Options, prepare};
pub use sheet::{About, Sheet, no_formula};
