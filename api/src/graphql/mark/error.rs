//! Errors in the inputs of mutations of marks.

use async_graphql::{Enum, SimpleObject};
use registry::mark::{MarkError, MarkErrorCode};

use crate::graphql::kit::write::BasisFault;

/// Code of an error in the input of a mutation of marks.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "MarkErrorCode")]
pub enum MarkWriteErrorCode {
    /// There is no such page that the key may see.
    PageNotFound,
    /// The key may not write the page: it is limited to others.
    NotAllowed,
    /// The page was changed after `ifSeq`; `page` is its present state.
    Conflict,
    /// The state of the mark does not allow the act; the message names the mutations that are possible.
    IllegalTransition,
    /// The page is rejected, archived or compromised.
    PageNotInUse,
    /// Only a registered page can have a confirmed mark.
    PageNotRegistered,
    /// Only a page of an active organization can have a confirmed mark.
    OrganizationNotActive,
    /// The platform of the page has no mark for state organizations.
    NoMarkOnPlatform,
    /// `method` is not one of the platform; the message names those that are.
    UnknownMethod,
    /// A confirmation needs an address or the number of a document as evidence.
    EvidenceMissing,
    /// `at` is in the future.
    DateInFuture,
    /// `expiresOn` is in the past.
    ExpiryInPast,
    /// `reason` is empty, too long, or has control characters.
    InvalidReason,
    /// `evidence` has too many addresses, one that is not a web address, a text that is too long, or a day in the
    /// future.
    InvalidEvidence,
}

/// Error in the input of a mutation of marks.
#[derive(Clone, SimpleObject)]
pub struct MarkWriteError {
    /// Stable code of the error.
    pub code: MarkWriteErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl From<MarkError> for MarkWriteError {
    fn from(MarkError { code, message, field, .. }: MarkError) -> Self {
        let field = std::iter::once("input").chain(field).map(str::to_owned).collect();
        Self { code: code.into(), message, field }
    }
}

impl From<BasisFault> for MarkWriteError {
    fn from(BasisFault { field, message }: BasisFault) -> Self {
        let code = match field {
            "reason" => MarkErrorCode::InvalidReason,
            _ => MarkErrorCode::InvalidEvidence,
        };
        MarkError::new(code, message, field).into()
    }
}
