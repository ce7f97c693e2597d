//! Types that authorities and institutions share.

use async_graphql::{Enum, SimpleObject};

use crate::graphql::kit::scalar::Date;

/// Stage of an organization's life.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Status")]
pub enum OrganizationStatus {
    /// Being entered, not yet public.
    Draft,
    /// At work.
    Active,
    /// Not at work for now.
    Suspended,
    /// Ended: became part of its successor.
    Merged,
    /// Ended: its successors share its work.
    Split,
    /// Ended without a successor.
    Liquidated,
    /// Entered by mistake.
    Withdrawn,
}

/// Whether an identifier passes its scheme's check.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization_identifier::State")]
pub enum IdentifierState {
    /// The check digit holds.
    Valid,
    /// The check digit does not hold.
    CheckFailed,
    /// The scheme has no check digit.
    Unverified,
}

/// Number of an organization in a register of its country.
#[derive(SimpleObject)]
pub struct OrganizationIdentifier {
    /// Code of the identifier's scheme.
    pub scheme: String,
    /// The identifier itself.
    pub value: String,
    /// Whether the identifier passes its scheme's check.
    pub state: IdentifierState,
}

/// What another name of an organization is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::model::OtherNameKind")]
pub enum OrganizationNameKind {
    /// The name in another language.
    Translation,
    /// A name that is no longer used.
    Former,
    /// A short form.
    Abbreviation,
    /// Another spelling or form.
    Alternative,
}

/// Another name of an organization.
#[derive(SimpleObject)]
pub struct OrganizationName {
    /// The name.
    pub name: String,
    /// What the name is.
    pub kind: OrganizationNameKind,
    /// Language of the name (BCP 47), where known.
    pub language: Option<String>,
    /// First day of the name's use, where known.
    pub since: Option<Date>,
    /// Last day of the name's use, where known.
    pub until: Option<Date>,
}
