//! What comes of the rows of a report.

use serde::{Deserialize, Serialize};

use crate::{
    mark::{MarkError, MarkErrorCode},
    record_reference::ReferenceError,
};

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowOutcome {
    /// The registry has what the row says now: it had something else, or the same from a source of lower precedence.
    Updated,
    /// The registry has it already.
    Unchanged,
    /// Nothing changed.
    Rejected(Rejection),
}

/// Why a row changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Code of the reason.
    pub code: RowCode,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Code of the reason why a row changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RowCode {
    Malformed,
    PageNotFound,
    NotAllowed,
    Pinned,
    StateNotReportable,
    PageNotInUse,
    PageNotRegistered,
    OrganizationNotActive,
    NoMarkOnPlatform,
    MethodMissing,
    UnknownMethod,
    DateInFuture,
    OlderThanKnown,
    ExpiryInPast,
    ExpiryNotAllowed,
    NewHandleNotAllowed,
    InvalidHandle,
    HandleTaken,
}

impl Rejection {
    pub(super) fn new(code: RowCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The page of the row cannot be written.
    pub(super) fn of_page(error: ReferenceError) -> Self {
        match error {
            ReferenceError::NotFound | ReferenceError::Ambiguous => Self::new(
                RowCode::PageNotFound,
                "The registry has no such page; look its address up with `verifyPage`.",
            ),
            ReferenceError::NotAllowed => Self::new(
                RowCode::NotAllowed,
                "The key may not report on the page: it is of another platform, organization or territory.",
            ),
        }
    }

    /// A field whose value was set by an operator or by the responsible authority.
    pub(super) fn pinned(what: &str) -> Self {
        let text =
            format!("A source that outranks the platform set {what} of the page; reports do not change it.");
        Self::new(RowCode::Pinned, text)
    }

    /// A timestamp in the future.
    pub(super) fn in_future(field: &str) -> Self {
        Self::new(RowCode::DateInFuture, format!("`{field}` is in the future."))
    }
}

impl From<MarkError> for Rejection {
    fn from(MarkError { code, message, .. }: MarkError) -> Self {
        let code = match code {
            MarkErrorCode::PageNotFound => RowCode::PageNotFound,
            MarkErrorCode::NotAllowed => RowCode::NotAllowed,
            MarkErrorCode::PageNotInUse => RowCode::PageNotInUse,
            MarkErrorCode::PageNotRegistered => RowCode::PageNotRegistered,
            MarkErrorCode::OrganizationNotActive => RowCode::OrganizationNotActive,
            MarkErrorCode::NoMarkOnPlatform => RowCode::NoMarkOnPlatform,
            MarkErrorCode::UnknownMethod => RowCode::UnknownMethod,
            MarkErrorCode::DateInFuture => RowCode::DateInFuture,
            MarkErrorCode::ExpiryInPast => RowCode::ExpiryInPast,
            // Rows have neither a reason nor evidence, and are not bound to the steps of the workflow.
            MarkErrorCode::Conflict
            | MarkErrorCode::IllegalTransition
            | MarkErrorCode::EvidenceMissing
            | MarkErrorCode::InvalidReason
            | MarkErrorCode::InvalidEvidence => RowCode::StateNotReportable,
        };
        Self { code, message }
    }
}
