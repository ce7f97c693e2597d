//! The ordered change log of the registry.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Type of the changed subject.
    SubjectType {
        Territory, Sector, IdentifierScheme, Platform, Organization, Page, Client,
        ObligationRule, Exemption, Abbreviation, Statistics, Indicator, Methodology, Rating,
        Pack, ImportJob, Proposal,
    }
}
crate::closed_set! {
    /// Kind of the change.
    Kind {
        Created, Updated,
        StatusChanged, Renamed, Moved, KindChanged,
        Registered, Rejected, Archived, Compromised, Restored, MarkChanged,
        Revoked,
        StatisticsRecorded,
    }
}
crate::closed_set! {
    /// Visibility of a change.
    Audience {
        /// Everyone: the state after it is public.
        Public,
        /// Everyone: the subject is no longer public.
        Removal,
        /// Operators only: the subject was not public before or after.
        Internal,
        /// Operators only: the subject is public, and nothing that everyone sees of it changed.
        Unchanged,
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
    /// Territory after the change; null if it hid the subject.
    pub territory_id: Option<i64>,
    /// Territory before the change, if the change moved or hid a public subject.
    pub former_territory_id: Option<i64>,
    /// Null in changes older than the change feed.
    pub audience: Option<Audience>,
    pub actor: String,
    pub reason: Option<String>,
    /// JSON of the evidence; null if none was given.
    pub evidence: Option<String>,
    /// JSON: the subject's complete state after the change.
    pub after: String,
    /// BLAKE3 over the previous row's hash and this row.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
