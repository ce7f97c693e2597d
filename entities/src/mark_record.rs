//! An entry in the history of a page's mark.

use sea_orm::entity::prelude::*;

/// Row of `mark_record`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mark_record")]
pub struct Model {
    /// Sequence number of the change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub page_id: i64,
    pub mark: super::page::Mark,
    pub method: Option<String>,
    pub at: Option<DateTimeUtc>,
    /// Last day of the mark.
    pub expires_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
