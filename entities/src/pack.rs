//! Packs loaded into the registry.

use sea_orm::entity::prelude::*;

/// Row of `pack`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pack")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub version: i64,
    pub time_zone: Option<String>,
    /// JSON of the precedence of sources, by field; null if the pack does not change it.
    pub precedence: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
