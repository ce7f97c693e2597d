//! Statistics: audience figures of pages.

pub mod load;
mod mutation;
mod object;
mod row;
pub mod service;

pub use mutation::StatisticsMutation;
pub use object::PageStatistics;
