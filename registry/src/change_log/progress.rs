//! Progress of an import, written in one transaction with its changes.

use entities::{import_job, import_row_error, import_row_warning};

/// Another process has taken the job id.
#[derive(Debug, thiserror::Error)]
#[error("another import has the number {0}")]
pub struct JobTaken(pub i64);

/// Progress of an import, with the messages about the rows that it covers.
#[derive(Clone)]
pub struct JobProgress {
    /// State of the job after these rows.
    pub job: import_job::Model,
    /// Whether the id must not exist yet.
    pub is_new: bool,
    /// Errors of rejected rows.
    pub errors: Vec<import_row_error::Model>,
    /// Warnings about rows that were imported with modifications.
    pub warnings: Vec<import_row_warning::Model>,
}

impl JobProgress {
    /// Progress without errors and warnings.
    pub fn of(job: import_job::Model) -> Self {
        Self { job, is_new: false, errors: Vec::new(), warnings: Vec::new() }
    }
}
