//! An abbreviation and its expansions.

use sea_orm::entity::prelude::*;

/// Row of `abbreviation`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "abbreviation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The abbreviation, as it is written.
    #[sea_orm(unique)]
    pub code: String,
    /// JSON array of its expansions.
    pub expansions: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
