//! National indicators that others published: definitions, and values with their sources.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Unit of the indicator's values.
    Unit { Count, Share, Mean, }
}

/// Row of `indicator`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    /// JSON object of names by language.
    pub names: String,
    pub unit: Unit,
    /// JSON array of values with their days and sources.
    pub figures: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
