//! A rule that obliges organizations to have pages.

use sea_orm::entity::prelude::*;

/// Row of `obligation_rule`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obligation_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    /// JSON object: language tag to name.
    pub names: String,
    /// JSON object: which organizations the rule obliges, and to what.
    pub terms: String,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
