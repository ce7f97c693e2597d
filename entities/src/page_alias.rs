//! A former or parallel handle of a page.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Whether the handle still leads to the page (parallel) or no longer does (former).
    Kind { Former, Parallel, }
}

/// Row of `page_alias`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page_alias")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub page_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle: String,
    pub kind: Kind,
    pub since: Option<DateTimeUtc>,
    pub until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
