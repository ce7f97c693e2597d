//! How far an import came, written in one transaction with its changes.

use entities::{import_job, import_row_error, import_row_warning};

/// Another process has taken the number of a job since it was looked up.
#[derive(Debug, thiserror::Error)]
#[error("another import has the number {0}")]
pub struct JobTaken(pub i64);

/// How far an import came, written with the rows it covers.
#[derive(Clone)]
pub struct JobProgress {
    /// The job after these rows.
    pub job: import_job::Model,
    /// Whether its number must not be another job's.
    pub is_new: bool,
    /// Rows refused among them.
    pub errors: Vec<import_row_error::Model>,
    /// What of the others was taken in otherwise than they say.
    pub warnings: Vec<import_row_warning::Model>,
}

impl JobProgress {
    /// Progress of which no row is told anything.
    pub fn of(job: import_job::Model) -> Self {
        Self { job, is_new: false, errors: Vec::new(), warnings: Vec::new() }
    }
}
