//! A rating methodology: what is rated, by which metrics, and their weights. A version never changes.

use sea_orm::entity::prelude::*;

/// Row of `methodology`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "methodology")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Code of the methodology with its version, such as `open-federal-body-1`.
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    /// JSON object of names by language.
    pub names: String,
    pub version: i32,
    /// JSON object: what is rated, and by which metrics.
    pub terms: String,
    pub valid_from: Date,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
