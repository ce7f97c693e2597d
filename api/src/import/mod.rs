//! Imports: files of other systems, row by row, into the registry.

mod address_refusal;
mod batch;
mod cell;
mod error_file;
mod exemptions;
mod file;
mod identity;
mod job;
pub mod jobs;
mod mapping;
mod matching;
mod near_names;
mod options;
mod organization_fields;
mod organizations;
mod page_address;
mod page_fields;
mod pages;
mod plan;
mod refusal;
mod removal;
mod returning;
mod row;
mod survey;
mod territories;
mod undo;
mod value;

pub use error_file::beside;
pub use job::run;
pub use mapping::{Mapping, RemovalLimits};
pub use near_names::{NearName, Reason};
pub use options::{Held, Kind, Options, Progress, Report, Stage};
pub use plan::{Action, Field, Plan, Step};
pub use refusal::Code;
pub use row::{Counts, Tally};
pub use undo::{Undone, undo};
