//! Lists as files: CSV that a spreadsheet opens, NDJSON and Parquet.

mod audience;
mod cell;
mod column;
mod groups;
mod list;
mod options;
mod organization_rows;
mod page_rows;
mod places;
mod rated_places;
mod restoration;
pub(crate) mod table;

pub(crate) use list::{Sources, parameters, points, prepare, waits};
pub(crate) use options::Options;
pub(crate) use restoration::Restoration;
pub(crate) use table::TableWriter;
