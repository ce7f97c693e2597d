//! Error of a row that an import rejected.

use sea_orm::entity::prelude::*;

/// Row of `import_row_error`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_row_error")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: i64,
    /// Number of the row in the file; the first data row is 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    pub code: String,
    pub text: String,
    pub suggestion: String,
    /// JSON array of the row's cells, in the order of the file's columns.
    pub cells: String,
}

impl ActiveModelBehavior for ActiveModel {}
