//! Figures of pages in a month, packed: one row holds one figure of a block of pages.

use sea_orm::entity::prelude::*;

/// Row of `page_month`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page_month")]
pub struct Model {
    /// First day of the month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: Date,
    /// Number of the column of figures: 0 for segments, 1 for last days, then the figures.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i16,
    /// Number of the block: pages' ids divided by the size of a block.
    #[sea_orm(primary_key, auto_increment = false)]
    pub block: i32,
    /// One number for each page of the block, as a variable-length integer of one more than the value; 0 for none.
    pub packed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
