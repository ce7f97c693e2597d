//! A key or a parent that a subject had and has no longer: what leads to it in the past.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// What the key was a key of, or the parent a parent of.
    Space { NativeId, Handle, OrganizationCode, PageOwner, OrganizationParent, Founder, OrganizationTerritory, TerritoryParent, Successor, }
}

/// Row of `former_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub space: Space,
    /// The key as text; a parent's id in decimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
