//! Statistics: audience figures of pages.

mod object;

pub use object::PageStatistics;
