//! Timeline of the database that a snapshot belongs to: a restore, or a failover to a lagging replica, starts a new
//! one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Snapshot;

/// Maximum number of sequence numbers that are remembered.
pub(crate) const MAX_TRAIL: usize = 4_096;

/// Timeline (history of the database) of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Number of times that this process reloaded the registry because the database had gone back.
    pub generation: u32,
    /// Id of the last timeline break recorded in the database; 0 if there was none.
    pub last_break: i64,
    /// Random name of the timeline since that break; empty before the first break.
    pub epoch: Arc<str>,
}

/// Position in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePosition {
    /// Sequence number in the change log.
    pub seq: i64,
    /// First half of the log's hash at that number: distinguishes timelines with the same sequence numbers.
    pub hash: [u8; 16],
}

fn half(hash: &[u8]) -> [u8; 16] {
    hash.first_chunk().copied().unwrap_or_default()
}

impl Snapshot {
    /// Advances the snapshot to `seq`, the sequence number of the last applied change, with its timestamp and the log's hash
    /// there.
    pub fn advance(&mut self, seq: i64, hash: &[u8], at: DateTime<Utc>) {
        self.seq = seq;
        self.hash = hash.into();
        self.changed_at = at;
        self.last_modified.close(seq);
        self.trail.push_back((seq, hash.into()));
        if self.trail.len() > MAX_TRAIL {
            self.trail.pop_front();
        }
    }

    /// Sets the sequence numbers known from before the snapshot was loaded, ascending, with their hashes.
    pub(crate) fn set_trail(&mut self, positions: impl IntoIterator<Item = (i64, Vec<u8>)>) {
        self.trail = positions.into_iter().map(|(seq, hash)| (seq, hash.into())).collect();
    }

    /// Timestamp of the last applied change; 1970-01-01 before the first change.
    pub fn changed_at(&self) -> DateTime<Utc> {
        self.changed_at
    }

    /// Position of the snapshot in its timeline.
    pub fn position(&self) -> TimelinePosition {
        TimelinePosition { seq: self.seq, hash: half(&self.hash) }
    }

    /// Whether the snapshot's timeline is known to contain this position.
    pub fn has_been_at(&self, position: &TimelinePosition) -> bool {
        let found = self.trail.binary_search_by(|(seq, _)| seq.cmp(&position.seq));
        found
            .ok()
            .and_then(|found| self.trail.get(found))
            .is_some_and(|(_, hash)| half(hash) == position.hash)
    }

    /// Timeline of the snapshot.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Sets the timeline of the snapshot.
    pub fn set_timeline(&mut self, timeline: Timeline) {
        self.timeline = timeline;
    }

    /// Recent sequence numbers that this process has seen, with their hashes, descending; with gaps.
    pub fn trail(&self) -> impl Iterator<Item = (i64, &[u8])> {
        self.trail.iter().rev().map(|(seq, hash)| (*seq, &**hash))
    }
}
