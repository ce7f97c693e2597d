//! Sums of daily statistics by segment (`audience_rollup`), of public pages only. They are updated in the transaction that
//! writes statistics, or that hides or shows a page.

mod columns;
mod sum_changes;
mod visibility;

pub use columns::{coarser, columns, sums_of_daily_rows, sums_of_sums};
pub use sum_changes::SumChanges;
pub use visibility::{hide_and_show, of_shown};
