//! Payloads of mutations of pages.

use async_graphql::Object;
use registry::{idempotency::Written, page::PageError, view::View};

use super::error::PageWriteError;
use crate::graphql::{
    kit::{scalar::SafeInt, sequential::SequentialObject, write::BasisFault},
    page::Page,
};

/// What came of a mutation, for any payload.
pub struct PageOutcome {
    view: View,
    page_id: Option<i64>,
    seq: Option<i64>,
    errors: Vec<PageWriteError>,
}

impl PageOutcome {
    /// The page in its new state, or why the mutation was refused.
    pub(super) fn new(view: View, written: Result<Written<i64>, PageError>) -> Self {
        match written {
            Ok(Written { result, seq, .. }) => {
                Self { view, page_id: Some(result), seq: Some(seq), errors: Vec::new() }
            }
            Err(error) => Self { view, page_id: error.page_id, seq: None, errors: vec![error.into()] },
        }
    }

    /// A mutation whose reason or evidence is not valid.
    pub(super) fn invalid(view: View, fault: BasisFault) -> Self {
        Self { view, page_id: None, seq: None, errors: vec![fault.into()] }
    }

    fn page(&self) -> Option<Page<'_>> {
        self.view.page(self.page_id?).map(Page)
    }
}

/// Declares payloads: a type of its own for each mutation, so that each can get fields of its own.
macro_rules! payloads {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        pub struct $name(PageOutcome);

        impl From<PageOutcome> for $name {
            fn from(outcome: PageOutcome) -> Self {
                Self(outcome)
            }
        }

        $(#[$doc])+
        #[Object]
        impl $name {
            /// The page in its new state, if the key may see it. If there are `userErrors`, the page that they are
            /// about, in its present state.
            async fn page(&self) -> Option<SequentialObject<Page<'_>>> {
                self.0.page().map(SequentialObject)
            }

            /// Sequence number of the change log with the write; null if there are `userErrors`.
            async fn seq(&self) -> Option<SafeInt> {
                self.0.seq.map(SafeInt)
            }

            /// Why nothing was written; at most one.
            async fn user_errors(&self) -> &[PageWriteError] {
                &self.0.errors
            }
        }
    )+};
}

payloads! {
    /// Result of registering a page.
    PageRegisterPayload;
    /// Result of editing a page.
    PageEditPayload;
    /// Result of renaming a page.
    PageRenamePayload;
    /// Result of giving a page to another owner.
    PageOwnerChangePayload;
    /// Result of adding co-owners to a page.
    PageCoOwnersAddPayload;
    /// Result of removing co-owners from a page.
    PageCoOwnersRemovePayload;
    /// Result of taking a page under review.
    PageReviewStartPayload;
    /// Result of approving a page.
    PageApprovePayload;
    /// Result of rejecting a page.
    PageRejectPayload;
    /// Result of archiving a page.
    PageArchivePayload;
    /// Result of taking a page under review again.
    PageRestorePayload;
    /// Result of reporting a page as compromised.
    PageReportCompromisedPayload;
    /// Result of ending the compromise of a page.
    PageCompromiseClearPayload;
    /// Result of recording a check of a page's address.
    PageAvailabilityRecordPayload;
    /// Result of recording a check of a page's feedback widget.
    PageWidgetRecordPayload;
}
