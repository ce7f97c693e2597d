//! Payloads of mutations of marks.

use async_graphql::Object;
use registry::{idempotency::Written, mark::MarkError, view::View};

use super::error::MarkWriteError;
use crate::graphql::{
    kit::{scalar::SafeInt, sequential::SequentialObject, write::BasisFault},
    page::Page,
};

/// What came of a mutation, for any payload.
pub struct MarkOutcome {
    view: View,
    page_id: Option<i64>,
    seq: Option<i64>,
    errors: Vec<MarkWriteError>,
}

impl MarkOutcome {
    /// The page in its new state, or why the mutation was refused.
    pub(super) fn new(view: View, written: Result<Written<i64>, MarkError>) -> Self {
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
        pub struct $name(MarkOutcome);

        impl From<MarkOutcome> for $name {
            fn from(outcome: MarkOutcome) -> Self {
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
            async fn user_errors(&self) -> &[MarkWriteError] {
                &self.0.errors
            }
        }
    )+};
}

payloads! {
    /// Result of requesting a mark.
    MarkRequestPayload;
    /// Result of passing a request on.
    MarkPendPayload;
    /// Result of confirming a mark.
    MarkConfirmPayload;
    /// Result of refusing a request.
    MarkRejectPayload;
    /// Result of revoking a mark.
    MarkRevokePayload;
    /// Result of reporting a mark as lost.
    MarkLostPayload;
}
