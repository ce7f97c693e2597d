//! A short form that people write instead of the words it stands for.

use sea_orm::entity::prelude::*;

/// Row of `abbreviation`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "abbreviation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The short form, as it is written.
    #[sea_orm(unique)]
    pub code: String,
    /// JSON array of what it may stand for.
    pub expansions: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
