//! Reports of platforms about the pages on them.

mod mutation;
mod payload;
mod policy;
mod row_input;

pub use mutation::PlatformReportMutation;
pub use policy::POLICIES;
