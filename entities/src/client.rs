//! API clients.

use sea_orm::entity::prelude::*;

/// Row of `client`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    /// JSON array of scope names.
    pub scopes: String,
    /// The only platform whose records the client may write and review; null for all.
    pub platform_id: Option<i64>,
    /// The only organization, with all below it, whose records the client may write and review; null for all.
    pub organization_id: Option<i64>,
    /// The only territory, with all in it, whose records the client may write and review; null for all.
    pub territory_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
