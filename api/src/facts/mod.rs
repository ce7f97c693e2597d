//! Figures of pages in the database: the facts of each day, packed months of them, and sums by segment. Everything that
//! is written here is written in the transaction that holds the registry's write lock.

mod check;
mod figure;
mod known;
mod month;
mod neighbours;
mod packed;
mod partition;
mod read;
mod record;
mod rollup;
mod rows;
mod rules;
mod take_in;
mod write;

pub use check::{Checked, check};
pub use figure::{Call, Figure, Outcome, Rejection, Sender, Values, merged};
pub use partition::make_ahead;
pub use read::{days, last_days};
pub use record::{Recorded, record};
