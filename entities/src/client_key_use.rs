//! Days on which keys of API clients were last used. Not part of the change log.

use sea_orm::entity::prelude::*;

/// Row of `client_key_use`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_key_use")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: i64,
    /// In the registry's time zone.
    pub last_used_on: Date,
}

impl ActiveModelBehavior for ActiveModel {}
