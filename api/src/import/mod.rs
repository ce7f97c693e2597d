//! Imports: files of other systems, row by row, into the registry.

mod batch;
mod error_file;
mod exemptions;
mod file;
mod identity;
mod job;
mod mapping;
mod options;
mod organization_fields;
mod organizations;
mod page_fields;
mod pages;
mod refusal;
mod removal;
mod row;
mod territories;
mod value;

pub use job::run;
pub use mapping::Mapping;
pub use options::{Held, Kind, Options, Progress, Report};
pub use refusal::Code;
pub use row::{Counts, Tally};
