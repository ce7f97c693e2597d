//! A co-owner of a page.

use sea_orm::entity::prelude::*;

/// Row of `page_co_owner`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page_co_owner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub page_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
