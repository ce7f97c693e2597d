//! An official page of an organization on one platform.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Lifecycle stage of a page in the registry.
    Lifecycle { Proposed, UnderReview, Registered, Rejected, Archived, Compromised, }
}
crate::closed_set! {
    /// Result of the last check of the address.
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
    /// How actively the owner maintains the page.
    Category { Flagship, Active, Card, }
}
crate::closed_set! {
    /// Why a page was rejected.
    Rejection { NotOfficial, Fake, Personal, WrongOwner, Duplicate, Unavailable, Other, }
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
    /// Timestamp of the last lifecycle change.
    pub lifecycle_at: Option<DateTimeUtc>,
    pub availability: Availability,
    /// Timestamp of the last check of the address.
    pub availability_checked_at: Option<DateTimeUtc>,
    pub mark: Mark,
    pub mark_method: Option<String>,
    pub mark_at: Option<DateTimeUtc>,
    /// Last day of the mark.
    pub mark_expires_on: Option<Date>,
    pub widget: Widget,
    /// Timestamp of the last check of the widget.
    pub widget_checked_at: Option<DateTimeUtc>,
    /// Why it was rejected, while it is.
    pub rejection: Option<Rejection>,
    pub source: String,
    /// JSON array of the fields whose source is not `source`.
    pub field_sources: String,
    pub registered_at: Option<DateTimeUtc>,
    /// Day since which the page is official according to its source.
    pub valid_from: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
