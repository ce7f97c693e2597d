//! A social platform and its address rules.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Whether the platform is open to pages or closed for good.
    Status { Active, Closed, }
}

/// Row of `platform`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    /// JSON object: language tag to name.
    pub names: String,
    pub website: Option<String>,
    pub status: Status,
    /// JSON object: hosts, templates, handle rules, reserved words, matchers.
    pub address_rules: String,
    /// JSON array of the metrics that the platform reports.
    pub metrics: String,
    /// JSON array of the confirmation methods of the platform's mark.
    pub mark_methods: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
