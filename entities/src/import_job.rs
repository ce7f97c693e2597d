//! One run of an import and how far it came.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Where the job stands.
    State { Running, Done, Held, }
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
    pub state: State,
    pub rows_done: i64,
    /// JSON object of counts by outcome.
    pub counts: String,
    pub started_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
