//! Inputs of mutations of marks.

use async_graphql::InputObject;

use crate::graphql::kit::{
    reference::PageRef,
    scalar::{Date, DateTime, SafeInt},
    write::EvidenceInput,
};

/// Page of an act, and why it is done.
pub(super) struct ActInput {
    pub(super) page: PageRef,
    pub(super) reason: String,
    pub(super) evidence: Option<EvidenceInput>,
    pub(super) if_seq: Option<SafeInt>,
}

/// Declares inputs that have nothing but a page and the reason.
macro_rules! act_inputs {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(InputObject)]
        pub struct $name {
            /// The page.
            pub page: PageRef,
            /// Why: one line of 1 to 500 characters, without personal data. Public in the history of the page.
            pub reason: String,
            /// What it is based on; kept with the change.
            pub evidence: Option<EvidenceInput>,
            /// `Registry-Seq` of the response in which the page was read. If the page was changed later, nothing is
            /// written (`CONFLICT`).
            pub if_seq: Option<SafeInt>,
        }

        impl From<$name> for ActInput {
            fn from($name { page, reason, evidence, if_seq }: $name) -> Self {
                Self { page, reason, evidence, if_seq }
            }
        }
    )+};
}

act_inputs! {
    /// Page for which a mark is requested.
    MarkRequestInput;
    /// Page whose request was passed on.
    MarkPendInput;
    /// Page whose request is refused.
    MarkRejectInput;
    /// Page that loses its mark.
    MarkRevokeInput;
    /// Page that no longer shows its mark.
    MarkLostInput;
}

/// Page that has a mark, and how that is known.
#[derive(InputObject)]
pub struct MarkConfirmInput {
    /// The page.
    pub page: PageRef,
    /// Method by which the mark was obtained, one of the `markMethods` of the page's platform.
    pub method: String,
    /// Timestamp of the confirmation, not in the future; default: now.
    pub at: Option<DateTime>,
    /// Last day of the mark, in the registry's time zone, not in the past; without one it does not expire.
    pub expires_on: Option<Date>,
    /// Why: one line of 1 to 500 characters, without personal data. Public in the history of the page.
    pub reason: String,
    /// What proves the mark: at least an address or the number of a document; kept with the change.
    pub evidence: EvidenceInput,
    /// `Registry-Seq` of the response in which the page was read. If the page was changed later, nothing is written
    /// (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}
