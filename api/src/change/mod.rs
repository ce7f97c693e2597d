//! The ordered change log: the only way in which the registry changes, and how everyone learns of it.

mod append;
mod checkpoints;
mod clock;
mod draft;
mod feed;
mod figures;
mod follow;
mod hash;
mod job_seal;
mod kind;
mod lt_hash;
mod owners;
mod past;
mod progress;
mod receipt;
mod record;
mod registry;
mod rows;
mod secret;
mod signing;
mod timeline;
mod verify;
mod writing;

pub use append::log_end;
pub use clock::ClockFault;
pub use draft::Draft;
pub use feed::{Entry, Found, MOST_SCANNED, Scope, Step};
pub(crate) use hash::Fields;
pub use lt_hash::LtHash;
pub use progress::{JobProgress, JobTaken};
pub use receipt::{Receipt, hex, unhex};
pub use registry::Registry;
pub use signing::{Signer, Witness};
pub use timeline::{Left, TimelineFault, breaks, hash_at, mark_of, note_break};
pub use verify::{Verdict, prove, verify, verify_within};
pub use writing::Writing;
