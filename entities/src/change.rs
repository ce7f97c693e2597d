//! The ordered log of everything that ever happened to the registry.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// What kind of thing changed.
    SubjectType {
        Territory, Sector, IdentifierScheme, Platform, Organization, Page, Client,
        ObligationRule, Exemption, Abbreviation, Statistics, Indicator, Methodology, Rating,
        Pack, ImportJob,
    }
}
crate::closed_set! {
    /// What happened to it.
    Kind {
        Created, Updated,
        StatusChanged, Renamed, Moved,
        Registered, Rejected, Archived, Compromised, Restored, MarkChanged,
        Revoked,
        StatisticsRecorded,
    }
}
crate::closed_set! {
    /// Who may learn of a change.
    Audience {
        /// Everyone: everyone may see the state after it.
        Public,
        /// Everyone: the subject is no longer to be seen.
        Removal,
        /// Operators alone: nobody else saw the subject before or sees it after.
        Internal,
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
    /// Territory that the subject was in before, where the change moved it.
    pub former_territory_id: Option<i64>,
    /// Empty in changes older than the change feed.
    pub audience: Option<Audience>,
    pub actor: String,
    pub reason: Option<String>,
    /// JSON: the subject's whole state after the change.
    pub after: String,
    /// BLAKE3 over the previous row's hash and this row.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
