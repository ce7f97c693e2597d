//! Inputs of mutations of pages.

use async_graphql::{Enum, ID, InputObject};
use registry::page::{PageField, PageFields};

use super::address::PageAddressInput;
use crate::graphql::{
    kit::{
        reference::{OrganizationRef, PageRef},
        scalar::{Date, DateTime, SafeInt},
        write::EvidenceInput,
    },
    page::state::{PageAvailability, PageCategory, PageRejectionCode, WidgetState},
};

/// Why a page is written, and on which of its states that was decided.
#[derive(InputObject)]
pub struct PageActBasis {
    /// Why: one line of 1 to 500 characters, without personal data. Public in the history of the page.
    pub reason: String,
    /// What it is based on; kept with the change.
    pub evidence: Option<EvidenceInput>,
    /// `Registry-Seq` of the response in which the page was read. If the page was changed later, nothing is written
    /// (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}

/// Fields that describe a page.
#[derive(InputObject)]
pub struct PageFieldsInput {
    /// Title of the page, at most 1,000 characters.
    pub title: Option<String>,
    /// Type of the page on its platform, such as `group` or `channel`, at most 1,000 characters.
    pub page_type: Option<String>,
    /// Office to which the page belongs, such as “Mayor”, at most 1,000 characters; never the name of a person.
    pub office_title: Option<String>,
    /// Languages of the page (BCP 47), at most 10.
    pub languages: Option<Vec<String>>,
    /// How the owner uses the page.
    pub category: Option<PageCategory>,
    /// Day since which the page is official; not in the future.
    pub valid_from: Option<Date>,
}

impl From<PageFieldsInput> for PageFields {
    fn from(input: PageFieldsInput) -> Self {
        Self {
            title: input.title,
            page_type: input.page_type,
            office_title: input.office_title,
            languages: input.languages,
            category: input.category.map(Into::into),
            valid_from: input.valid_from.map(|Date(day)| day),
        }
    }
}

/// Field of a page that can be left without a value.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "PageField")]
pub enum PageClearableField {
    /// Type of the page on its platform.
    PageType,
    /// Office to which the page belongs.
    OfficeTitle,
    /// Languages of the page.
    Languages,
    /// How the owner uses the page.
    Category,
    /// Day since which the page is official.
    ValidFrom,
}

/// Page to register as official.
#[derive(InputObject)]
pub struct PageRegisterInput {
    /// Where the page is.
    pub address: PageAddressInput,
    /// Permanent id of the page on its platform, if the address has a handle.
    pub native_id: Option<ID>,
    /// Organization that is responsible for the page.
    pub owner: OrganizationRef,
    /// Description of the page.
    #[graphql(flatten)]
    pub fields: PageFieldsInput,
    /// Why: one line of 1 to 500 characters, without personal data. Public in the history of the page.
    pub reason: String,
    /// What it is based on; kept with the change.
    pub evidence: Option<EvidenceInput>,
}

/// Fields of a page to set; those that are left out or null stay as they are.
#[derive(InputObject)]
pub struct PageEditInput {
    /// Page to edit.
    pub page: PageRef,
    /// Description of the page.
    #[graphql(flatten)]
    pub fields: PageFieldsInput,
    /// Permanent id of the page on its platform, if it is unknown.
    pub native_id: Option<ID>,
    /// Fields to leave without a value, at most 5.
    pub clear: Option<Vec<PageClearableField>>,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// New address of a page.
#[derive(InputObject)]
pub struct PageRenameInput {
    /// Page to rename.
    pub page: PageRef,
    /// Its new address, on the same platform. An address by permanent id says that the page has no handle any more.
    pub address: PageAddressInput,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// New owner of a page.
#[derive(InputObject)]
pub struct PageOwnerChangeInput {
    /// Page to give to another owner.
    pub page: PageRef,
    /// Its new owner.
    pub owner: OrganizationRef,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// Declares inputs that name organizations.
macro_rules! co_owner_inputs {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(InputObject)]
        pub struct $name {
            /// Page to change.
            pub page: PageRef,
            /// Organizations, from 1 to 20.
            pub co_owners: Vec<OrganizationRef>,
            /// Reason and state.
            #[graphql(flatten)]
            pub basis: PageActBasis,
        }
    )+};
}

co_owner_inputs! {
    /// Organizations to add to the co-owners of a page.
    PageCoOwnersAddInput;
    /// Organizations to remove from the co-owners of a page.
    PageCoOwnersRemoveInput;
}

/// Declares inputs that have nothing but a page and the reason.
macro_rules! page_inputs {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(InputObject)]
        pub struct $name {
            /// Page to change.
            pub page: PageRef,
            /// Reason and state.
            #[graphql(flatten)]
            pub basis: PageActBasis,
        }
    )+};
}

page_inputs! {
    /// Page to take under review.
    PageReviewStartInput;
    /// Page to approve.
    PageApproveInput;
    /// Page to archive.
    PageArchiveInput;
    /// Page to take under review again.
    PageRestoreInput;
    /// Page that its owner has lost control of.
    PageReportCompromisedInput;
}

/// Page to reject.
#[derive(InputObject)]
pub struct PageRejectInput {
    /// Page to reject.
    pub page: PageRef,
    /// Why it is not an official page.
    pub code: PageRejectionCode,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// What becomes of a page that was compromised.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PageCompromiseOutcome {
    /// The owner has regained control: the page is official again.
    Registered,
    /// The owner has given the page up.
    Archived,
}

/// Page that is no longer compromised.
#[derive(InputObject)]
pub struct PageCompromiseClearInput {
    /// Page to change.
    pub page: PageRef,
    /// What becomes of it.
    pub outcome: PageCompromiseOutcome,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// Result of a check of a page's address.
#[derive(InputObject)]
pub struct PageAvailabilityRecordInput {
    /// Page that was checked.
    pub page: PageRef,
    /// What the check found; not `UNKNOWN`.
    pub state: PageAvailability,
    /// Timestamp of the check, not before that of an earlier one; default: now.
    pub checked_at: Option<DateTime>,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}

/// Result of a check of a page's feedback widget.
#[derive(InputObject)]
pub struct PageWidgetRecordInput {
    /// Page that was checked.
    pub page: PageRef,
    /// What the check found.
    pub state: WidgetState,
    /// Timestamp of the check, not before that of an earlier one; default: now.
    pub checked_at: Option<DateTime>,
    /// Reason and state.
    #[graphql(flatten)]
    pub basis: PageActBasis,
}
