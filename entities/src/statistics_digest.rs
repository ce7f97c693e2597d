//! Hashes of the statistics of each platform's pages, updated with every write.

use sea_orm::entity::prelude::*;

/// Row of `statistics_digest`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_digest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform_id: i64,
    /// LtHash of the pages' latest statistics.
    pub latest: Vec<u8>,
    /// LtHash of their daily statistics.
    pub days: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
