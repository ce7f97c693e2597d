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

/// What the actor of an undo ends with.
pub const UNDONE: &str = "-undone";

/// Source and number of the import that made a change, or of that which an undo put back.
pub(super) fn import_of(actor: &str) -> Option<(&str, i64)> {
    let (source, id) = actor.strip_prefix("import:")?.rsplit_once('#')?;
    Some((source, id.strip_suffix(UNDONE).unwrap_or(id).parse().ok()?))
}

/// Who makes the changes of an import.
pub fn import_actor(source: &str, id: i64) -> String {
    format!("import:{source}#{id}")
}
