//! Latest statistics of a page.

use sea_orm::entity::prelude::*;

/// Row of `page_latest`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page_latest")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub page_id: i64,
    pub subscribers: Option<i64>,
    pub last_post_at: Option<DateTimeUtc>,
    /// Timestamp of the statistics.
    pub recorded_at: DateTimeUtc,
    /// Sequence number of the change that recorded the statistics.
    pub seq: i64,
}

impl ActiveModelBehavior for ActiveModel {}
