//! Lists as files: CSV that a spreadsheet opens, and NDJSON.

mod cell;
mod column;
mod groups;
mod list;
mod options;
mod organization_rows;
mod page_rows;
pub(crate) mod table;

pub(crate) use list::{parameters, prepare};
pub(crate) use options::Options;
pub(crate) use table::TableWriter;
