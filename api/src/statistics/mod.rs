//! Statistics: audience figures of pages.

pub mod load;
pub mod loader;
mod mutation;
mod object;
mod row;
pub mod series;
pub mod service;

pub use mutation::StatisticsMutation;
pub use object::PageStatistics;
