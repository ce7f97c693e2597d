//! Breaks in the history of the database: it was restored to an earlier state, or a replica that was behind took over.

use sea_orm::entity::prelude::*;

/// Row of `timeline`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Random: tells this timeline from the one that was lost, in keys of caches.
    pub epoch: String,
    /// Last place in the change log that both timelines have in common.
    pub common_seq: i64,
    /// Last place of the lost timeline, where somebody knew it.
    pub lost_seq: Option<i64>,
    /// How it was noticed.
    pub reason: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
