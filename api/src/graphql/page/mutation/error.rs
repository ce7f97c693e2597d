//! Errors in the inputs of mutations of pages.

use async_graphql::{Enum, SimpleObject};
use registry::page::{PageError, PageErrorCode};

use crate::graphql::kit::write::BasisFault;

/// Code of an error in the input of a mutation of pages.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "PageErrorCode")]
pub enum PageWriteErrorCode {
    /// There is no such page that the key may see.
    PageNotFound,
    /// There is no such organization that the key may see.
    OrganizationNotFound,
    /// Several organizations have the identifier.
    AmbiguousOrganization,
    /// The key may not write the page or the organization: it is limited to others. Or the source of a field outranks
    /// the key.
    NotAllowed,
    /// The page was changed after `ifSeq`; `page` is its present state.
    Conflict,
    /// The page's lifecycle does not allow the act; the message names the mutations that are possible.
    IllegalTransition,
    /// Only an active organization can become an owner or a co-owner, and have official pages.
    OrganizationNotActive,
    /// The registry has the page already; `page` is it.
    AlreadyRegistered,
    /// Another live page has the handle; `page` is that one.
    HandleTaken,
    /// The address is on another platform than the page.
    OtherPlatform,
    /// The permanent id differs from that of the page or of the address.
    OtherNativeId,
    /// The text is not the address of a page.
    NotAPage,
    /// The address is that of a person.
    PersonalProfile,
    /// No platform that the registry knows is at the host of the address, or has the code.
    UnsupportedPlatform,
    /// The permanent id is not possible on the platform.
    InvalidNativeId,
    /// A value is too long, has control characters, is in the future, or is not one of those that are possible.
    InvalidValue,
    /// The registry has a later check.
    OlderThanKnown,
    /// The owner of the page cannot be a co-owner.
    IsOwner,
    /// The organization is no co-owner of the page.
    NotACoOwner,
    /// The page would have too many co-owners.
    TooManyCoOwners,
    /// `reason` is empty, too long, or has control characters.
    InvalidReason,
    /// `evidence` has too many addresses, one that is not a web address, a text that is too long, or a day in the
    /// future.
    InvalidEvidence,
}

/// Error in the input of a mutation of pages.
#[derive(Clone, SimpleObject)]
pub struct PageWriteError {
    /// Stable code of the error.
    pub code: PageWriteErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input; items of lists by their index, from 0.
    pub field: Vec<String>,
}

impl From<PageError> for PageWriteError {
    fn from(PageError { code, message, field, .. }: PageError) -> Self {
        let field = std::iter::once("input".to_owned()).chain(field).collect();
        Self { code: code.into(), message, field }
    }
}

impl From<BasisFault> for PageWriteError {
    fn from(BasisFault { field, message }: BasisFault) -> Self {
        let code = match field {
            "reason" => PageErrorCode::InvalidReason,
            _ => PageErrorCode::InvalidEvidence,
        };
        PageError::new(code, message, field).into()
    }
}
