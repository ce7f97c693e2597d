//! Monthly statistics of pages in packed form: one row contains one metric of a block of pages.

use sea_orm::entity::prelude::*;

/// Row of `page_month`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page_month")]
pub struct Model {
    /// First day of the month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: Date,
    /// Column number: 0 for segments, 1 for last days, then the metrics.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i16,
    /// Number of the block: page id divided by the block size.
    #[sea_orm(primary_key, auto_increment = false)]
    pub block: i32,
    /// One variable-length integer per page of the block: the value plus one; 0 for no value.
    pub packed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
