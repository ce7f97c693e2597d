//! An import that has ended: its rows in the database, sealed into the log.

use serde::{Deserialize, Serialize};

/// Import of a file that was finished, held or undone. Not part of the snapshot: the database has its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ImportJob {
    pub id: i64,
    /// BLAKE3 over the job's row and those of its errors and warnings, in hexadecimal.
    pub digest: Box<str>,
}
