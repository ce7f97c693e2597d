//! Statistics: audience figures of pages.

mod audience;
mod by_day;
mod by_month;
mod expected;
pub mod file;
mod filter;
mod groups;
mod jump;
mod line_ends;
pub mod load;
pub mod loader;
mod metric;
mod mutation;
mod object;
mod parquet;
mod query;
mod row;
mod rows;
pub mod series;
pub mod service;
mod sums;
mod territory_series;

pub use audience::is_of_months;
pub use jump::JumpQuery;
pub use metric::{Beside, StatisticsMetric};
pub use mutation::StatisticsMutation;
pub use object::PageStatistics;
pub use query::StatisticsQuery;
pub use sums::SumStatistics;
