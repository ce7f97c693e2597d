//! Entries of published ratings.

use sea_orm::entity::prelude::*;

/// Row of `rating_entry`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rating_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub rating_id: i64,
    /// Position in the list, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Rank; equal scores share it.
    pub rank: i32,
    /// Page or organization, depending on the methodology.
    pub subject_id: i64,
    /// Score from 0 to 100.
    pub score: f64,
    /// JSON array of the score's components, in the methodology's order.
    pub parts: String,
}

impl ActiveModelBehavior for ActiveModel {}
