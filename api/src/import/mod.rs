//! Imports: files of other systems, row by row, into the registry.

mod error_file;
mod file;
mod job;
mod mapping;
mod organizations;
mod pages;
mod refusal;
mod removal;
mod row;
mod territories;
mod value;

pub use job::{Kind, Options, Progress, Report, run};
pub use mapping::Mapping;
pub use refusal::Code;
pub use row::{Counts, Tally};
