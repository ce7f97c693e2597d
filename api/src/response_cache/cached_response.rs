//! An answer, and how long it holds.

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use registry::snapshot::{Dependencies, Kinds, Place, Snapshot};
use serde::{Deserialize, Serialize};

/// Days after which figures are hardly ever corrected any more.
const DAYS_OPEN: i64 = 7;
/// How long an answer holds that says when it was made.
const TELLING_TIME: chrono::Duration = chrono::Duration::seconds(30);

/// A ready answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedResponse {
    /// What is sent.
    #[serde(skip)]
    pub body: Bytes,
    /// First half of the hash of what is sent, once somebody wanted it.
    #[serde(skip)]
    pub hash: OnceLock<[u8; 16]>,
    /// Place in the change log that it is true at.
    pub seq: i64,
    /// Where in which history it was made.
    pub executed_on: Place,
    /// Times that this process had loaded the registry anew by then.
    #[serde(skip)]
    pub generation: u32,
    /// Moment that it was made at.
    pub executed_at: DateTime<Utc>,
    /// What it was made of.
    pub dependencies: Dependencies,
    /// How long it is expected to hold.
    pub policy: CachePolicy,
    /// Points that the request was taken to cost.
    pub requested: u64,
    /// Points that the answer was worth.
    pub actual: u64,
    /// What became of the request.
    pub outcome: Outcome,
}

/// How long an answer is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CachePolicy {
    /// For ever: what it tells lies behind.
    Always,
    /// Long: only a correction can change it.
    Long,
    /// Until something is written that it is made of, and no longer than the day.
    Today,
    /// Moments, since it says when it was made.
    Moments,
    /// Not at all: it is about whoever asked, or came of doing something.
    Never,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Everything was answered.
    Whole,
    /// Something failed.
    Partial,
    /// Nothing was executed.
    Refused,
    /// The database did not answer.
    Unavailable,
}

impl CachedResponse {
    /// Whether the answer may be sent again at all.
    pub fn is_cacheable(&self) -> bool {
        self.outcome == Outcome::Whole && self.policy != CachePolicy::Never
    }

    /// Whether the answer is still the one that would be made now; one of a history that was lost is not, whatever its place.
    pub fn holds(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> bool {
        let in_time = match self.policy {
            CachePolicy::Always => true,
            CachePolicy::Never => false,
            // What a day, a rule or an exemption is today may change with the date.
            CachePolicy::Long | CachePolicy::Today => self.executed_at.date_naive() == now.date_naive(),
            CachePolicy::Moments => {
                now - self.executed_at < TELLING_TIME && self.executed_at.date_naive() == now.date_naive()
            }
        };
        let is_of_it = self.generation == snapshot.timeline().generation;
        is_of_it && in_time && snapshot.last_change(&self.dependencies) <= self.seq
    }

    /// Time for which the answer is worth keeping outside the process.
    pub fn time_to_live(&self) -> Duration {
        Duration::from_secs(match self.policy {
            CachePolicy::Always | CachePolicy::Long => 86_400,
            CachePolicy::Today => 3_600,
            CachePolicy::Moments => TELLING_TIME.num_seconds().unsigned_abs(),
            CachePolicy::Never => 0,
        })
    }

    /// First half of the hash of what is sent: only whoever asks by GET wants it.
    pub fn hash(&self) -> [u8; 16] {
        *self.hash.get_or_init(|| {
            let mut half = [0; 16];
            half.copy_from_slice(&blake3::hash(&self.body).as_bytes()[..16]);
            half
        })
    }
}

impl CachePolicy {
    /// How long an answer lasts that is made of these, on a day.
    pub fn of(dependencies: &Dependencies, is_of_the_past: bool, tells_time: bool, today: NaiveDate) -> Self {
        let are_closed = |(_, last): (NaiveDate, NaiveDate)| (today - last).num_days() > DAYS_OPEN;
        match dependencies {
            _ if tells_time => Self::Moments,
            Dependencies { kinds: Kinds::NONE, days: None } if is_of_the_past => Self::Always,
            Dependencies { kinds, days }
                if kinds.is_within(Kinds::REFERENCE) && days.is_none_or(are_closed) =>
            {
                Self::Long
            }
            _ => Self::Today,
        }
    }
}
