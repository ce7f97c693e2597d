//! Acts on marks, with their inputs.

use chrono::{DateTime, NaiveDate, Utc};

use super::workflow::Act;

/// An act of a person on the mark of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkAct {
    /// Requests a mark.
    Request,
    /// Notes that the request was passed on, and that the organization has to confirm it.
    Pend,
    /// Notes that the page has the mark, or has it for longer.
    Confirm(Confirmation),
    /// Refuses a request.
    Reject,
    /// Takes the mark away.
    Revoke,
    /// Notes that the page no longer shows the mark.
    Lose,
}

/// How and for how long a mark was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// One of the platform's methods.
    pub method: String,
    /// Timestamp of the confirmation; default: that of the write.
    pub at: Option<DateTime<Utc>>,
    /// Last day of the mark; without one it does not expire.
    pub expires_on: Option<NaiveDate>,
}

impl MarkAct {
    /// Kind of the act.
    pub fn kind(&self) -> Act {
        match self {
            Self::Request => Act::Request,
            Self::Pend => Act::Pend,
            Self::Confirm(_) => Act::Confirm,
            Self::Reject => Act::Reject,
            Self::Revoke => Act::Revoke,
            Self::Lose => Act::Lose,
        }
    }
}
