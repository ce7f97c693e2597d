//! A decision that releases one organization from an obligation.

use sea_orm::entity::prelude::*;

/// Row of `exemption`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exemption")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub organization_id: i64,
    /// Rule that the organization is released from; null for all rules.
    pub rule_id: Option<i64>,
    pub reason: String,
    pub basis: Option<String>,
    pub decided_by: Option<String>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub source: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
