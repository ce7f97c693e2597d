//! A cached response, and its validity.

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use registry::snapshot::{Dependencies, Kinds, Snapshot, TimelinePosition};
use serde::{Deserialize, Serialize};

/// Age in days after which statistics are rarely corrected.
const DAYS_OPEN: i64 = 7;
/// Validity of a response that contains its time of execution.
const TIMESTAMPED_TTL: chrono::Duration = chrono::Duration::seconds(30);

/// A response with its metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedResponse {
    /// Body that is sent.
    #[serde(skip)]
    pub body: Bytes,
    /// First half of the BLAKE3 hash of the body; computed on first use.
    #[serde(skip)]
    pub hash: OnceLock<[u8; 16]>,
    /// Sequence number of the change log that it is valid for.
    pub seq: i64,
    /// Position in the timeline that it was executed at.
    pub executed_on: TimelinePosition,
    /// Number of reloads of the registry in this process at that time.
    #[serde(skip)]
    pub generation: u32,
    /// Time at which the execution began.
    pub executed_at: DateTime<Utc>,
    /// What it depends on.
    pub dependencies: Dependencies,
    /// How long it can be cached.
    pub policy: CachePolicy,
    /// Maximum cost of the request, in points.
    pub requested: u64,
    /// Actual cost, in points.
    pub actual: u64,
    /// Outcome of the request.
    pub outcome: Outcome,
    /// Whether it may be sent again for the same idempotency key: it was executed, none of its errors passes, and it has no
    /// secret.
    #[serde(skip)]
    pub is_final: bool,
}

/// How long a response can be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CachePolicy {
    /// Forever: it is immutable.
    Always,
    /// A day: only a correction can change it.
    Long,
    /// Until one of its dependencies changes, at most until the end of the day in the registry's time zone.
    Today,
    /// Seconds, since it contains its time of execution.
    Short,
    /// Not at all: it depends on the caller, or is the result of a mutation.
    Never,
}

/// Outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Executed without errors.
    Whole,
    /// Executed with errors of fields.
    Partial,
    /// Nothing was executed.
    RequestError,
    /// The database was unavailable.
    Unavailable,
}

impl CachedResponse {
    /// Whether the response may be cached at all.
    pub fn is_cacheable(&self) -> bool {
        self.outcome == Outcome::Whole && self.policy != CachePolicy::Never
    }

    /// Whether the response is still valid for a snapshot. A response from before a reload is not, whatever its sequence
    /// number.
    pub fn holds(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> bool {
        // What rules and exemptions apply, and which days are past, may change with the date.
        let is_of_today = || {
            let zone = snapshot.time_zone();
            zone.day_of(self.executed_at) == zone.day_of(now)
        };
        let in_time = match self.policy {
            CachePolicy::Always => true,
            CachePolicy::Never => false,
            CachePolicy::Long | CachePolicy::Today => is_of_today(),
            CachePolicy::Short => now - self.executed_at < TIMESTAMPED_TTL && is_of_today(),
        };
        let is_of_it = self.generation == snapshot.timeline().generation;
        is_of_it && in_time && snapshot.last_change(&self.dependencies) <= self.seq
    }

    /// Sequence number that the response is valid for, if it was executed on this snapshot or still holds for it: less than
    /// that of the snapshot if the search index had not reached a change that the response depends on.
    pub fn valid_for(&self, snapshot: &Snapshot) -> i64 {
        let is_current = self.seq >= snapshot.seq() || snapshot.last_change(&self.dependencies) <= self.seq;
        if is_current { snapshot.seq() } else { self.seq }
    }

    /// TTL in Redis.
    pub fn time_to_live(&self) -> Duration {
        Duration::from_secs(match self.policy {
            CachePolicy::Always | CachePolicy::Long => 86_400,
            CachePolicy::Today => 3_600,
            CachePolicy::Short => TIMESTAMPED_TTL.num_seconds().unsigned_abs(),
            CachePolicy::Never => 0,
        })
    }

    /// First half of the BLAKE3 hash of the body, for `ETag`.
    pub fn hash(&self) -> [u8; 16] {
        *self.hash.get_or_init(|| {
            let mut half = [0; 16];
            half.copy_from_slice(&blake3::hash(&self.body).as_bytes()[..16]);
            half
        })
    }
}

impl CachePolicy {
    /// The policy of a response with these dependencies, executed on this day.
    pub fn of(
        dependencies: &Dependencies,
        is_of_the_past: bool,
        depends_on_time: bool,
        today: NaiveDate,
    ) -> Self {
        let are_closed = |(_, last): (NaiveDate, NaiveDate)| (today - last).num_days() > DAYS_OPEN;
        match dependencies {
            _ if depends_on_time => Self::Short,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use registry::{calendar::TimeZone, model::Pack};

    use super::*;

    /// A registry in which days are those of the time zone.
    fn registry_in(zone: TimeZone) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let pack =
            Pack { id: 1, code: "country".into(), version: 1, time_zone: Some(zone), precedence: None };
        snapshot.apply(pack.into()).expect("the pack is applied");
        snapshot
    }

    fn response(executed_at: DateTime<Utc>) -> CachedResponse {
        CachedResponse {
            body: Bytes::new(),
            hash: OnceLock::new(),
            seq: 0,
            executed_on: TimelinePosition { seq: 0, hash: [0; 16] },
            generation: 0,
            executed_at,
            dependencies: Dependencies::default(),
            policy: CachePolicy::Today,
            requested: 1,
            actual: 1,
            outcome: Outcome::Whole,
            is_final: false,
        }
    }

    proptest! {
        #[test]
        fn a_response_of_today_holds_until_the_day_ends_where_the_registry_is(
            name in prop::sample::select(vec!["UTC", "Europe/Moscow", "America/Toronto", "Asia/Beirut"]),
            executed_at in 788_918_400_i64..3_786_912_000,
            later in 0_i64..200_000,
        ) {
            let zone = TimeZone::try_from(name.to_owned()).expect("a time zone");
            let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a timestamp");
            let end = zone.end_of(zone.day_of(at(executed_at)));
            let (snapshot, response) = (registry_in(zone), response(at(executed_at)));
            prop_assert_eq!(response.holds(&snapshot, at(executed_at + later)), at(executed_at + later) < end);
            prop_assert!(response.holds(&snapshot, end - chrono::Duration::seconds(1)));
            prop_assert!(!response.holds(&snapshot, end));
        }
    }
}
