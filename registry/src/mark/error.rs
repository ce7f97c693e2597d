//! Why an act on a mark is refused.

use super::workflow::Act;
use crate::{
    idempotency::Conflict,
    model::{Organization, Page, Platform, Scope},
    record_reference::ReferenceError,
    snapshot::member_text,
};

/// Code of the reason why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MarkErrorCode {
    PageNotFound,
    NotAllowed,
    Conflict,
    IllegalTransition,
    PageNotInUse,
    PageNotRegistered,
    OrganizationNotActive,
    NoMarkOnPlatform,
    UnknownMethod,
    EvidenceMissing,
    DateInFuture,
    ExpiryInPast,
    InvalidReason,
    InvalidEvidence,
}

/// Why an act is refused; nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkError {
    /// Code of the reason.
    pub code: MarkErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Field of the input; `None` for the input as a whole.
    pub field: Option<&'static str>,
    /// The page of the act, if the author may write it.
    pub page_id: Option<i64>,
}

impl MarkError {
    /// An error in a field of the input.
    pub fn new(code: MarkErrorCode, message: impl Into<String>, field: &'static str) -> Self {
        Self { code, message: message.into(), field: Some(field), page_id: None }
    }

    /// The page of the act cannot be written.
    pub(super) fn of_page(error: ReferenceError) -> Self {
        match error {
            ReferenceError::NotFound | ReferenceError::Ambiguous => {
                let text = "The registry has no such page; look its address up with `verifyPage`.";
                Self::new(MarkErrorCode::PageNotFound, text, "page")
            }
            ReferenceError::NotAllowed => {
                let text = "The key may not write the page: it is of another platform, organization or territory. Ask \
                            the operator for another key.";
                Self::new(MarkErrorCode::NotAllowed, text, "page")
            }
        }
    }

    /// The author's key lacks all of these scopes.
    pub(super) fn lacks(scopes: &[Scope]) -> Self {
        let names: Vec<_> = scopes.iter().map(|scope| format!("`{}`", scope.name())).collect();
        let text = format!("The key lacks the scope {}; ask the operator for it.", names.join(" or "));
        Self { code: MarkErrorCode::NotAllowed, message: text, field: None, page_id: None }
    }

    /// An operator decided on the mark.
    pub(super) fn outranked() -> Self {
        let text = "An operator decided on the mark, and the key may not change that; ask the operator.";
        Self::new(MarkErrorCode::NotAllowed, text, "page")
    }

    /// An act that is illegal in the state of the mark.
    pub(super) fn illegal(act: Act, page: &Page) -> Self {
        let text = format!(
            "`{}` is not possible for a mark that is {}; possible are {}.",
            act.mutation().unwrap_or("expiry"),
            member_text(&page.mark.state),
            Act::legal_in(page.mark.state).join(", ")
        );
        Self::new(MarkErrorCode::IllegalTransition, text, "page")
    }

    /// A page that is no longer in use, or that its owner has lost control of.
    pub(super) fn not_in_use(page: &Page) -> Self {
        let text = format!("The page is {}; only pages in use get a mark.", member_text(&page.lifecycle));
        Self::new(MarkErrorCode::PageNotInUse, text, "page")
    }

    /// A page that is not official.
    pub(super) fn not_registered(page: &Page) -> Self {
        let text = format!(
            "The page is {}; only a page that is REGISTERED can have a confirmed mark.",
            member_text(&page.lifecycle)
        );
        Self::new(MarkErrorCode::PageNotRegistered, text, "page")
    }

    /// An owner that is not active.
    pub(super) fn not_active(owner: Option<&Organization>) -> Self {
        let status = owner.map_or_else(|| "unknown".to_owned(), |it| member_text(&it.status));
        let text = format!(
            "The owner of the page is {status}; only a page of an ACTIVE organization can have a confirmed mark."
        );
        Self::new(MarkErrorCode::OrganizationNotActive, text, "page")
    }

    /// A platform that has no mark.
    pub(super) fn no_mark() -> Self {
        let text =
            "The platform of the page has no mark for state organizations; see `markMethods` of `platforms`.";
        Self::new(MarkErrorCode::NoMarkOnPlatform, text, "page")
    }

    /// A method that the platform does not have.
    pub(super) fn unknown_method(platform: &Platform) -> Self {
        let text = format!("The platform has no such method; it has: {}.", platform.mark_methods.join(", "));
        Self::new(MarkErrorCode::UnknownMethod, text, "method")
    }

    /// A confirmation that nothing proves.
    pub(super) fn no_evidence() -> Self {
        let text =
            "Say what proves the mark: the address of a page that shows it, or the number of a document.";
        Self::new(MarkErrorCode::EvidenceMissing, text, "evidence")
    }

    /// The error with the page that it is about.
    pub(super) fn about(self, page_id: i64) -> Self {
        Self { page_id: Some(page_id), ..self }
    }
}

impl From<Conflict> for MarkError {
    fn from(Conflict { seq }: Conflict) -> Self {
        let text =
            format!("The page was changed later, at {seq}; read it again, and decide on its new state.");
        Self::new(MarkErrorCode::Conflict, text, "ifSeq")
    }
}
