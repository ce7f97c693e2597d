//! An import job and its progress.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// State of the job.
    State { Running, Done, Held, Undone, }
}

/// Row of `import_job`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Hash of file, mapping, source and options; identical input has the same fingerprint.
    pub fingerprint: String,
    pub source: String,
    pub file_name: String,
    /// Kind of the file's contents.
    pub kind: String,
    pub state: State,
    pub rows_done: i64,
    /// JSON object of counts by outcome.
    pub counts: String,
    pub started_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// Range of the log that contains the job's changes; null if it made none.
    pub first_seq: Option<i64>,
    pub last_seq: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
