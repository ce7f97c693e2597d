//! An official page of an organization on one platform.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Stage of a page's life in the registry.
    Lifecycle { Proposed, UnderReview, Registered, Rejected, Archived, Compromised, }
}
crate::closed_set! {
    /// What the last check of the address found.
    Availability { Unknown, Live, Renamed, Closed, NotFound, IdMismatch, }
}
crate::closed_set! {
    /// State of the platform's mark for state organizations.
    Mark { None, Requested, PendingConfirmation, Confirmed, Rejected, Expired, Revoked, Lost, }
}
crate::closed_set! {
    /// State of the feedback widget on the page.
    Widget { NotRequired, Missing, Invalid, WrongCount, Correct, CheckError, }
}
crate::closed_set! {
    /// How much the owner does with the page.
    Category { Flagship, Active, Card, }
}

/// Row of `page`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "page")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub platform_id: i64,
    pub native_id: Option<String>,
    pub handle: Option<String>,
    pub title: String,
    pub page_type: Option<String>,
    pub owner_id: i64,
    pub office_title: Option<String>,
    /// JSON array of language tags.
    pub languages: String,
    pub category: Option<Category>,
    pub lifecycle: Lifecycle,
    /// Moment since which the page is in this stage.
    pub lifecycle_at: Option<DateTimeUtc>,
    pub availability: Availability,
    pub mark: Mark,
    pub mark_method: Option<String>,
    pub mark_at: Option<DateTimeUtc>,
    pub widget: Widget,
    pub source: String,
    pub registered_at: Option<DateTimeUtc>,
    /// Day since which the page is official, as its source says.
    pub valid_from: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
