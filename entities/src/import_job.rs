//! One run of an import and how far it came.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Where the job stands.
    State { Running, Done, Held, Undone, }
}

/// Row of `import_job`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Hash of file, mapping, source and options: the same again means the same job.
    pub fingerprint: String,
    pub source: String,
    pub file_name: String,
    /// What the file was a file of.
    pub kind: String,
    pub state: State,
    pub rows_done: i64,
    /// JSON object of counts by outcome.
    pub counts: String,
    pub started_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// Changes of the log among which the job's are; none where it made none.
    pub first_seq: Option<i64>,
    pub last_seq: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
