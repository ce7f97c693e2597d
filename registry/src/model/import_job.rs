//! An import job: its rows in the database are sealed in the change log by a digest.

use serde::{Deserialize, Serialize};

/// Seal of an import job. Not part of the snapshot: the database holds the job's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ImportJob {
    pub id: i64,
    /// BLAKE3 over the job's row and its error and warning rows, in hexadecimal.
    pub digest: Box<str>,
}
