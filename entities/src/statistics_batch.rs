//! A batch of statistics: sender, source and time.

use sea_orm::entity::prelude::*;

/// Row of `statistics_batch`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_batch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Sender of the statistics.
    pub actor: String,
    /// Source of the statistics, as given by the sender.
    pub source: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
