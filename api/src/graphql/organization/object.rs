//! Types that authorities and institutions share.

use async_graphql::{Enum, SimpleObject};

use crate::graphql::kit::scalar::Date;

/// Lifecycle status of an organization.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Status")]
pub enum OrganizationStatus {
    /// Draft, not public.
    Draft,
    /// In operation.
    Active,
    /// Temporarily not in operation.
    Suspended,
    /// Ended: merged into its successor.
    Merged,
    /// Ended: split into its successors.
    Split,
    /// Ended: liquidated without a successor.
    Liquidated,
    /// Entered by mistake.
    Withdrawn,
}

/// Result of an identifier's check by its scheme.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization_identifier::State")]
pub enum IdentifierState {
    /// The check digit is correct.
    Valid,
    /// The check digit is wrong.
    CheckFailed,
    /// The scheme has no check digit.
    Unverified,
}

/// Identifier of an organization in an official register.
#[derive(SimpleObject)]
pub struct OrganizationIdentifier {
    /// Code of the identifier's scheme.
    pub scheme_code: String,
    /// Value of the identifier.
    pub value: String,
    /// Result of the identifier's check by its scheme.
    pub state: IdentifierState,
}

/// Kind of another name of an organization.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::model::OtherNameKind")]
pub enum OrganizationNameKind {
    /// Name in another language.
    Translation,
    /// Former name.
    Former,
    /// Abbreviation.
    Abbreviation,
    /// Alternative spelling or form.
    Alternative,
}

/// Another name of an organization.
#[derive(SimpleObject)]
pub struct OrganizationName {
    /// The name.
    pub name: String,
    /// Kind of the name.
    pub kind: OrganizationNameKind,
    /// Language of the name (BCP 47); null if unknown.
    pub language: Option<String>,
    /// First day of the name's use; null if unknown.
    pub since: Option<Date>,
    /// Last day of the name's use; null if unknown or still in use.
    pub until: Option<Date>,
}
