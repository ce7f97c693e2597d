//! A batch of figures: where they came from, and when.

use sea_orm::entity::prelude::*;

/// Row of `statistics_batch`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_batch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Who sent the figures.
    pub actor: String,
    /// Where the figures are from, as the sender has it.
    pub source: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
