//! Warning about a row that was imported with modifications.

use sea_orm::entity::prelude::*;

/// Row of `import_row_warning`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_row_warning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Position among the job's warnings: a row may have several.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Number of the row in the file; the first data row is 1.
    pub row_number: i64,
    pub code: String,
    pub text: String,
    pub suggestion: String,
    /// JSON array of the row's cells, in the order of the file's columns.
    pub cells: String,
}

impl ActiveModelBehavior for ActiveModel {}
