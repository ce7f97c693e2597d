//! Historical keys: keys and parents that a subject once had; used to find it in past states.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Type of the key or parent.
    Space { NativeId, Handle, OrganizationCode, PageOwner, OrganizationParent, Founder, OrganizationTerritory, TerritoryParent, Successor, }
}

/// Row of `former_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub space: Space,
    /// The key as text; for a parent, its id in decimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
