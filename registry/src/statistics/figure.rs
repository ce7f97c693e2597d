//! What is sent, and what becomes of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use entities::page_statistics::Values;

/// Figures of a page on one day, as somebody sent them.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Page that they are of; none where the sender named one that the registry does not have.
    pub page_id: Option<i64>,
    /// Day that they are of.
    pub day: NaiveDate,
    /// The figures.
    pub values: Values,
    /// Moment of the page's last post.
    pub last_post_at: Option<DateTime<Utc>>,
    /// Moment at which they were taken; that of the write where the sender does not say.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// Who sends figures, and whose.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Where the figures are from.
    pub source: String,
    /// The only platform whose pages the sender may tell of; none for those who may tell of all.
    pub platform_id: Option<i64>,
    /// What the sender calls this call, so as to send it again.
    pub call: Option<Call>,
    /// Whether only to say what would become of the figures.
    pub is_trial: bool,
}

/// A call that may be sent again.
#[derive(Clone, Debug)]
pub struct Call {
    /// Client that calls.
    pub client_id: i64,
    /// The client's name of the call.
    pub key: String,
    /// Hash of what is sent.
    pub hash: blake3::Hash,
}

/// What became of the figures of one page and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The day had no figures, and has these now.
    Stored {
        /// Whether subscribers jumped.
        is_jump: bool,
    },
    /// The day had other figures, or fewer.
    Replaced {
        /// Whether subscribers jumped.
        is_jump: bool,
    },
    /// The day has these figures already.
    Duplicate,
    /// They cannot be.
    Rejected(Rejection),
}

/// Why figures cannot be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rejection {
    /// The registry has no such page.
    PageNotFound,
    /// The page is on a platform that the sender may not tell of.
    OtherPlatform,
    /// The day has not come yet.
    InFuture,
    /// The page was not known yet on that day.
    BeforeFirstSeen,
    /// A moment lies in the future, or a day or a moment is older than social platforms.
    TimeOutOfRange,
    /// A figure is below zero.
    Negative,
    /// A figure is larger than any page's.
    TooLarge,
    /// There is no figure at all.
    NoFigures,
    /// The day has figures that were taken later.
    OlderThanKnown,
}

impl Rejection {
    /// Stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::PageNotFound => "PAGE_NOT_FOUND",
            Self::OtherPlatform => "OTHER_PLATFORM",
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
            Self::OtherPlatform => "The page is on a platform that this key may not send figures of.",
            Self::InFuture => "The day has not come yet; days are those of UTC.",
            Self::BeforeFirstSeen => "The page was not in the registry yet on that day.",
            Self::TimeOutOfRange => {
                "A day lies before 1990, or a moment in the future or before 1990; moments are RFC 3339."
            }
            Self::Negative => "A figure is below zero.",
            Self::TooLarge => "A figure is larger than any page's can be.",
            Self::NoFigures => "There is no figure; leave the row out.",
            Self::OlderThanKnown => "The registry has figures of that day that were taken later.",
        }
    }
}

/// Figures of one day from two senders: what the later one does not say stays as it was.
pub(super) fn merged(known: Values, later: Values) -> Values {
    std::array::from_fn(|place| later[place].or(known[place]))
}
