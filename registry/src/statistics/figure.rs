//! Submitted statistics, and their outcomes.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use entities::page_statistics::Values;

use crate::{idempotency::ClientCall, model::Reach};

/// Submitted values of a page on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Page, or why it is unknown which one.
    pub page_id: Result<i64, Rejection>,
    /// Day, in the registry's time zone.
    pub day: NaiveDate,
    /// Values of the metrics.
    pub values: Values,
    /// Timestamp of the page's last post.
    pub last_post_at: Option<DateTime<Utc>>,
    /// Timestamp at which the values were measured; `None` means the time of the write.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// Sender of statistics.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Source of the statistics.
    pub source: String,
    /// Pages whose statistics the sender may submit.
    pub reach: Reach,
    /// The call, if it has an idempotency key.
    pub call: Option<ClientCall>,
    /// Dry run: returns the outcomes and records nothing.
    pub is_dry_run: bool,
}

/// Outcome of one submitted row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Stored: the day had no values before.
    Stored {
        /// Whether the number of subscribers is a jump.
        is_jump: bool,
    },
    /// Stored: the day had other or fewer values before, or these from before its end.
    Replaced {
        /// Whether the number of subscribers is a jump.
        is_jump: bool,
    },
    /// The day has these values already.
    Duplicate,
    /// Rejected, with the reason.
    Rejected(Rejection),
}

/// Reason why a row is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rejection {
    /// The registry has no such page.
    PageNotFound,
    /// Two references of the row name different pages.
    ContradictoryReference,
    /// The sender may not submit statistics of the page's platform.
    OtherPlatform,
    /// The sender may not submit statistics of pages of the owner: it is of another organization or territory.
    OtherOwner,
    /// The day has not begun anywhere yet.
    InFuture,
    /// The day is before the page was first seen.
    BeforeFirstSeen,
    /// A timestamp is in the future, or a day or timestamp is before 1990.
    TimeOutOfRange,
    /// A value is negative.
    Negative,
    /// A value is above the limit of its metric.
    TooLarge,
    /// The row has neither a value nor a last post.
    NoFigures,
    /// The day has values with a later `recorded_at`.
    OlderThanKnown,
}

impl Rejection {
    /// Stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::PageNotFound => "PAGE_NOT_FOUND",
            Self::ContradictoryReference => "CONTRADICTORY_REFERENCE",
            Self::OtherPlatform => "OTHER_PLATFORM",
            Self::OtherOwner => "OTHER_OWNER",
            Self::InFuture => "IN_FUTURE",
            Self::BeforeFirstSeen => "BEFORE_FIRST_SEEN",
            Self::TimeOutOfRange => "TIME_OUT_OF_RANGE",
            Self::Negative => "NEGATIVE",
            Self::TooLarge => "TOO_LARGE",
            Self::NoFigures => "NO_FIGURES",
            Self::OlderThanKnown => "OLDER_THAN_KNOWN",
        }
    }

    /// What is wrong, and what to do.
    pub fn text(self) -> &'static str {
        match self {
            Self::PageNotFound => "The registry has no such page; look its address up with `verifyPage`.",
            Self::ContradictoryReference => {
                "`pageId`, `nativeId` and `url` name different pages; give only one. Ids are those of this registry: leave out \
                 `pageId` of files from another one."
            }
            Self::OtherPlatform => "This key may not submit statistics of the page's platform.",
            Self::OtherOwner => {
                "This key may not submit statistics of the page: its owner is of another organization or territory."
            }
            Self::InFuture => "The day has not begun anywhere yet.",
            Self::BeforeFirstSeen => "The page was not in the registry yet on that day.",
            Self::TimeOutOfRange => {
                "A day is before 1990, or a timestamp before 1990 or in the future; timestamps are RFC 3339."
            }
            Self::Negative => "A value is negative.",
            Self::TooLarge => "A value is above the limit of its metric.",
            Self::NoFigures => "The row has no values; leave it out.",
            Self::OlderThanKnown => "The registry has values of that day with a later `recordedAt`.",
        }
    }
}

/// Merges the values of one day: later ones replace known ones; those missing in `later` stay.
pub(super) fn merged(known: Values, later: Values) -> Values {
    std::array::from_fn(|index| later[index].or(known[index]))
}
