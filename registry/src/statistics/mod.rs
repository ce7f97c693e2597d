//! Statistics of pages in the database: daily rows, packed months, and sums by segment. All writes happen in the
//! transaction that holds the registry's write lock.

pub mod bulk_load;
mod by_page;
mod check;
mod check_rules;
mod chunk;
mod csv_rows;
mod day_hash;
mod day_sums;
mod digests;
mod existing;
pub mod export;
mod figure;
mod ingest;
mod jumps;
mod late_subscribers;
mod merge;
mod month;
mod month_cache;
mod neighbours;
mod packed;
mod packed_figures;
pub(crate) mod parquet;
mod partition;
mod read;
mod record;
pub(crate) mod row_reader;
mod rows;
mod stream;
pub mod submit;
pub mod submitted_row;
mod validation;
mod values;
mod write;

pub use check::{Checked, check, check_within};
pub use day_sums::{DaySums, PlatformDay, day_sums, platform_days};
pub use digests::begin_digests;
pub use figure::{Call, Figure, Outcome, Rejection, Sender, Values};
pub use jumps::{Jump, JumpsOf, count_jumps, jumps};
pub use month_cache::{Column, MonthCache, Sum, Sums, total};
pub use packed_figures::PackedFigures;
pub use partition::make_ahead;
pub use read::{days, last_days, recorded_days};
pub use record::{Recorded, record};
pub use stream::{Wanted, stream};
pub use values::{Compute, Formula, PageValues};
