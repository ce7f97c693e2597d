//! States and kinds of pages.

use async_graphql::Enum;

/// Lifecycle stage of a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Lifecycle")]
pub enum PageLifecycle {
    /// Proposed, not yet reviewed.
    Proposed,
    /// Under review.
    UnderReview,
    /// Official page of its owner.
    Registered,
    /// Found not to be an official page.
    Rejected,
    /// Formerly official, no longer in use.
    Archived,
    /// Official page that its owner has lost control of.
    Compromised,
}

/// Result of the last check of the page's address.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Availability")]
pub enum PageAvailability {
    /// Never checked.
    Unknown,
    /// The page is available.
    Live,
    /// The page is available under another handle.
    Renamed,
    /// The page exists but is not public.
    Closed,
    /// There is no page at the address.
    NotFound,
    /// The address leads to another page.
    IdMismatch,
}

/// State of the platform's verification mark for state organizations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Mark")]
pub enum MarkState {
    /// Never requested.
    None,
    /// Requested.
    Requested,
    /// Waiting for the organization's confirmation.
    PendingConfirmation,
    /// Shown on the page.
    Confirmed,
    /// Refused.
    Rejected,
    /// Expired.
    Expired,
    /// Revoked.
    Revoked,
    /// A check found the mark missing.
    Lost,
}

/// State of the feedback widget on the page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Widget")]
pub enum WidgetState {
    /// The page needs none.
    NotRequired,
    /// The page needs one and has none.
    Missing,
    /// The widget links to a wrong address.
    Invalid,
    /// The page has too many or too few widgets.
    WrongCount,
    /// The widget is correct.
    Correct,
    /// The last check failed.
    CheckError,
}

/// How the owner uses a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Category")]
pub enum PageCategory {
    /// Main page of the owner.
    Flagship,
    /// Regularly updated.
    Active,
    /// Contact information only.
    Card,
}

/// Why a page was rejected.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Rejection")]
pub enum PageRejectionCode {
    /// Not a page of a state organization.
    NotOfficial,
    /// Pretends to be a page of the organization.
    Fake,
    /// Page of a person.
    Personal,
    /// Page of another organization.
    WrongOwner,
    /// The registry has the page already.
    Duplicate,
    /// There is no such page, or it is not public.
    Unavailable,
    /// Another reason; the history of the page has it.
    Other,
}

/// Kind of an additional handle of a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page_alias::Kind")]
pub enum PageAliasKind {
    /// Former handle; may now belong to anyone.
    Former,
    /// Additional handle that leads to the page.
    Parallel,
}
