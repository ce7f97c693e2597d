//! Breaks in the timeline of the database: it was restored to an earlier state, or a lagging replica was
//! promoted.

use sea_orm::entity::prelude::*;

/// Row of `timeline`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Random name of the timeline after the break, used in cache keys.
    pub epoch: String,
    /// Last sequence number that both timelines have in common; 0 when unknown.
    pub common_seq: i64,
    /// Last known sequence number of the lost timeline; null when unknown.
    pub lost_seq: Option<i64>,
    /// How the break was detected.
    pub reason: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
