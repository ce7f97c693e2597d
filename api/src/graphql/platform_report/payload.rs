//! Payloads of reports of platforms.

use async_graphql::{Enum, SimpleObject};
use registry::{
    idempotency::Written,
    platform_report::{MAX_ROWS, ReportError, RowCode, RowOutcome},
};

use crate::graphql::kit::scalar::SafeInt;

/// Status of a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PlatformReportRowStatus {
    /// Recorded: the registry had something else, or the same from an import.
    Updated,
    /// Not recorded: the registry has it already.
    Unchanged,
    /// Rejected; see `code`.
    Rejected,
}

/// Code of the reason why a row is rejected.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RowCode")]
pub enum PlatformReportRowCode {
    /// A timestamp or a day cannot be read.
    Malformed,
    /// There is no such page that the key may see.
    PageNotFound,
    /// The key may not report on the page: it is limited to others.
    NotAllowed,
    /// An operator or the responsible authority set the value, which reports do not change.
    Pinned,
    /// The state is not one that can be reported of the page.
    StateNotReportable,
    /// The page is rejected or archived, or, for a request, compromised.
    PageNotInUse,
    /// Only a registered page can have a confirmed mark.
    PageNotRegistered,
    /// Only a page of an active organization can have a confirmed mark.
    OrganizationNotActive,
    /// The platform of the page has no mark for state organizations.
    NoMarkOnPlatform,
    /// A confirmed mark needs a method.
    MethodMissing,
    /// The method is not one of the platform.
    UnknownMethod,
    /// A timestamp is in the future.
    DateInFuture,
    /// The registry has a later state.
    OlderThanKnown,
    /// The last day of a confirmed mark is in the past.
    ExpiryInPast,
    /// Only a confirmed mark has a last day.
    ExpiryNotAllowed,
    /// Only a renamed page has a new handle.
    NewHandleNotAllowed,
    /// The handle is not possible on the platform.
    InvalidHandle,
    /// Another live page has the handle.
    HandleTaken,
}

/// Result of one row.
#[derive(SimpleObject)]
pub struct PlatformReportRowResult {
    /// Index of the row in the input, from 0.
    pub index: i32,
    /// Status of the row.
    pub status: PlatformReportRowStatus,
    /// Stable code of the reason for the rejection; null if the row was not rejected.
    pub code: Option<PlatformReportRowCode>,
    /// What is wrong, and what to do; null if the row was not rejected.
    pub message: Option<String>,
}

/// Code of an error in the input of a report as a whole.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "ReportError")]
pub enum PlatformReportErrorCode {
    /// There are no rows.
    NoRows,
    /// There are more than 1,000 rows.
    TooManyRows,
}

/// Error in the input of a report as a whole.
#[derive(SimpleObject)]
pub struct PlatformReportError {
    /// Stable code of the error.
    pub code: PlatformReportErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

/// What came of a report, for any payload.
pub(super) type Reported = Result<Written<Vec<RowOutcome>>, ReportError>;

/// Declares payloads: a type of its own for each mutation, so that each can get fields of its own.
macro_rules! payloads {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(SimpleObject)]
        pub struct $name {
            /// Result of each row, in input order; empty if there are `userErrors`.
            pub results: Vec<PlatformReportRowResult>,
            /// Errors in the input as a whole, at most one; if there is one, nothing was recorded.
            pub user_errors: Vec<PlatformReportError>,
            /// Sequence number of the change log with the report; null if there are `userErrors`.
            pub seq: Option<SafeInt>,
        }

        impl From<Reported> for $name {
            fn from(reported: Reported) -> Self {
                match reported {
                    Ok(Written { result, seq, .. }) => {
                        let results = (0..).zip(result).map(|(index, outcome)| row(index, outcome));
                        Self { results: results.collect(), user_errors: Vec::new(), seq: Some(SafeInt(seq)) }
                    }
                    Err(error) => Self { results: Vec::new(), user_errors: vec![user_error(error)], seq: None },
                }
            }
        }
    )+};
}

payloads! {
    /// Result of a report of marks.
    MarkReportPayload;
    /// Result of a report of availability.
    AvailabilityReportPayload;
}

fn row(index: i32, outcome: RowOutcome) -> PlatformReportRowResult {
    let (status, rejection) = match outcome {
        RowOutcome::Updated => (PlatformReportRowStatus::Updated, None),
        RowOutcome::Unchanged => (PlatformReportRowStatus::Unchanged, None),
        RowOutcome::Rejected(rejection) => (PlatformReportRowStatus::Rejected, Some(rejection)),
    };
    let (code, message) = rejection.map(|it| (it.code.into(), it.message)).unzip();
    PlatformReportRowResult { index, status, code, message }
}

fn user_error(error: ReportError) -> PlatformReportError {
    let message = match error {
        ReportError::NoRows => "Send at least one row.".to_owned(),
        ReportError::TooManyRows => format!("Send at most {MAX_ROWS} rows at once."),
    };
    PlatformReportError { code: error.into(), message, field: vec!["input".into(), "rows".into()] }
}
