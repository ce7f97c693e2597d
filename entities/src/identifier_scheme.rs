//! An identifier scheme: format and check digits.

use sea_orm::entity::prelude::*;

/// Row of `identifier_scheme`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identifier_scheme")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    /// JSON object: language tag to name.
    pub names: String,
    /// JSON object: pattern, padding, check algorithm, patterns to reject.
    pub rules: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
