//! Analytics of statistics: aggregates by group, time series, leaderboards, scores and published ratings.

pub mod aggregate;
pub mod by_day;
pub mod by_month;
pub(crate) mod groups;
pub mod leaderboard;
mod metric;
pub mod missing;
pub mod publish;
pub mod rating_entry;
pub mod reporting_pages;
pub mod score;
pub mod series;
pub mod territory_series;

pub use aggregate::is_of_months;
pub use metric::{Beside, MetricKind, StatisticsMetric};
pub use rating_entry::{altered, altered_within};
pub use territory_series::has_sums;
