//! Why an act on a page is refused.

use super::lifecycle::Act;
use crate::{
    address::AddressError,
    idempotency::Conflict,
    model::{Organization, Page, Scope, SourceRank},
    record_reference::ReferenceError,
    snapshot::member_text,
};

/// Maximum number of characters of what a message quotes.
const MAX_QUOTE: usize = 200;

/// Code of the reason why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PageErrorCode {
    PageNotFound,
    OrganizationNotFound,
    AmbiguousOrganization,
    NotAllowed,
    Conflict,
    IllegalTransition,
    OrganizationNotActive,
    AlreadyRegistered,
    HandleTaken,
    OtherPlatform,
    OtherNativeId,
    NotAPage,
    PersonalProfile,
    UnsupportedPlatform,
    InvalidNativeId,
    InvalidValue,
    OlderThanKnown,
    IsOwner,
    NotACoOwner,
    TooManyCoOwners,
    InvalidReason,
    InvalidEvidence,
}

/// Why an act is refused; nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// Code of the reason.
    pub code: PageErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input; empty for the input as a whole.
    pub field: Vec<String>,
    /// The page that the error is about: that of the act, or another one that stands in its way.
    pub page_id: Option<i64>,
}

impl PageError {
    /// An error in a field of the input; names and indexes of a path are separated by points.
    pub fn new(code: PageErrorCode, message: impl Into<String>, field: &str) -> Self {
        let path = field.split('.').filter(|name| !name.is_empty());
        Self { code, message: message.into(), field: path.map(Into::into).collect(), page_id: None }
    }

    /// The error with the page that it is about.
    pub(super) fn about(self, page_id: i64) -> Self {
        Self { page_id: Some(page_id), ..self }
    }

    /// A value that is not valid.
    pub(super) fn invalid(message: impl Into<String>, field: &str) -> Self {
        Self::new(PageErrorCode::InvalidValue, message, field)
    }

    /// The page of the act cannot be written.
    pub(super) fn of_page(error: ReferenceError) -> Self {
        match error {
            ReferenceError::NotFound | ReferenceError::Ambiguous => {
                let text = "The registry has no such page; look its address up with `verifyPage`.";
                Self::new(PageErrorCode::PageNotFound, text, "page")
            }
            ReferenceError::NotAllowed => {
                Self::not_allowed("the page: it is of another platform, organization or territory", "page")
            }
        }
    }

    /// An organization that the input names cannot be used.
    pub(super) fn of_organization(error: ReferenceError, field: &str) -> Self {
        match error {
            ReferenceError::NotFound => {
                let text = "The registry has no such organization; find it with `search` or `organizations`.";
                Self::new(PageErrorCode::OrganizationNotFound, text, field)
            }
            ReferenceError::Ambiguous => {
                let text = "Several organizations have the identifier; name one by its `id` or `code`.";
                Self::new(PageErrorCode::AmbiguousOrganization, text, field)
            }
            ReferenceError::NotAllowed => {
                let what = "the organization: it is another one, or of another territory";
                Self::not_allowed(what, field)
            }
        }
    }

    /// The author's key is limited to other records.
    pub(super) fn not_allowed(what: &str, field: &str) -> Self {
        let text = format!("The key may not write {what}. Ask the operator for another key.");
        Self::new(PageErrorCode::NotAllowed, text, field)
    }

    /// The field's source outranks the author.
    pub(super) fn outranked(field: &str, rank: SourceRank) -> Self {
        let what = format!("`{field}` of the page: the field's source, {}, outranks the key", rank.name());
        Self::not_allowed(&what, field)
    }

    /// The author's key lost the scope meanwhile, or never had it.
    pub(super) fn lacks(scopes: &[Scope]) -> Self {
        let names: Vec<_> = scopes.iter().map(|scope| format!("`{}`", scope.name())).collect();
        let text = format!("The key lacks the scope {}; ask the operator for it.", names.join(" or "));
        Self::new(PageErrorCode::NotAllowed, text, "")
    }

    /// An act that is illegal in the stage of the page.
    pub(super) fn illegal(act: Act, page: &Page) -> Self {
        let text = format!(
            "`{}` is not possible for a page that is {}; possible are {}.",
            act.mutation(),
            member_text(&page.lifecycle),
            Act::legal_in(page.lifecycle).join(", ")
        );
        Self::new(PageErrorCode::IllegalTransition, text, "page").about(page.id)
    }

    /// An organization that cannot become responsible for a page.
    pub(super) fn not_active(organization: &Organization, field: &str) -> Self {
        let text = format!(
            "The organization {} is not active; only active organizations have official pages.",
            organization.code
        );
        Self::new(PageErrorCode::OrganizationNotActive, text, field)
    }

    /// A text that is not the address of a page.
    pub(super) fn not_a_page(address: &str, error: AddressError, field: &str) -> Self {
        let code = match error {
            AddressError::PersonalProfile => PageErrorCode::PersonalProfile,
            AddressError::UnknownPlatform => PageErrorCode::UnsupportedPlatform,
            _ => PageErrorCode::NotAPage,
        };
        let shown: String = address.chars().take(MAX_QUOTE).collect();
        Self::new(code, format!("`{shown}` {}. {}", error.text(), error.advice()), field)
    }
}

impl From<Conflict> for PageError {
    fn from(Conflict { seq }: Conflict) -> Self {
        let text =
            format!("The page was changed later, at {seq}; read it again, and decide on its new state.");
        Self::new(PageErrorCode::Conflict, text, "ifSeq")
    }
}
