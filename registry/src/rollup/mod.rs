//! Sums of the figures of a day by what pages are counted among (`audience_rollup`): of the pages that everyone may see, and of
//! no others. They are changed in the transaction that writes the figures, or that hides or shows a page.

mod columns;
mod sum_changes;
mod visibility;

pub use columns::{coarser, columns, sums_of_facts, sums_of_sums};
pub use sum_changes::SumChanges;
pub use visibility::{hide_and_show, of_shown};
