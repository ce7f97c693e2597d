//! Audience statistics of pages.

mod audience;
mod count_series;
mod filter;
mod group_by;
mod jump;
pub(crate) mod loader;
mod metric;
mod mutation;
mod object;
mod policy;
mod query;
mod row_input;
mod submit_error;
mod sums;

pub use audience::{AudienceAggregation, AudienceArguments, AudienceGroup, MissingPages};
pub use count_series::{CountPoint, CountSeries, CountStep};
pub use filter::AudienceFilter;
pub use jump::JumpQuery;
pub use metric::StatisticsMetric;
pub use mutation::StatisticsMutation;
pub use object::{PageStatistics, StatisticsStep};
pub use policy::{AUDIENCE_GROUP_BY_POINTS, AUDIENCE_POINTS, POLICIES};
pub use query::StatisticsQuery;
pub use sums::SumStatistics;
