//! An identifier of an organization in a national register.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Result of the scheme's check.
    State { Valid, CheckFailed, Unverified, }
}

/// Row of `organization_identifier`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_identifier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    pub state: State,
}

impl ActiveModelBehavior for ActiveModel {}
