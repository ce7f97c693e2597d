//! Published ratings; immutable.

use sea_orm::entity::prelude::*;

/// Row of `rating`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rating")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub methodology_id: i64,
    /// First and last day of the rated period.
    pub from_day: Date,
    pub to_day: Date,
    /// Number of entries.
    pub places: i32,
    /// BLAKE3 over the entries, in hexadecimal.
    pub digest: String,
    pub published_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
