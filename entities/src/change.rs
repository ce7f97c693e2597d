//! The ordered log of everything that ever happened to the registry.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// What kind of thing changed.
    SubjectType { Territory, Sector, IdentifierScheme, Platform, Organization, Page, Client, }
}
crate::closed_set! {
    /// What happened to it.
    Kind {
        Created, Updated,
        StatusChanged, Renamed, Moved,
        Registered, Rejected, Archived, Compromised, Restored, MarkChanged,
        Revoked,
    }
}

/// Row of `change`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at: DateTimeUtc,
    pub kind: Kind,
    pub subject_type: SubjectType,
    pub subject_id: i64,
    pub platform_id: Option<i64>,
    pub territory_id: Option<i64>,
    pub actor: String,
    pub reason: Option<String>,
    /// JSON: the subject's whole state after the change.
    pub after: String,
    /// BLAKE3 over the previous row's hash and this row.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
