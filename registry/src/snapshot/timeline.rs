//! Which history of the database a snapshot belongs to: a database that is restored, or falls back to a replica that was
//! behind, goes on with another one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;

/// Places of the log that are remembered.
pub(crate) const LONGEST_TRAIL: usize = 4_096;

/// Which history a snapshot is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Times that this process had to load the registry anew, because the database had gone back.
    pub generation: u32,
    /// Id of the last break that the database tells of; 0 where there was none.
    pub last_break: i64,
    /// Random name that the history has since then; empty before the first break.
    pub epoch: Arc<str>,
}

/// Place of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Place in the change log.
    pub seq: i64,
    /// First half of the log's hash there: it tells histories apart that have changes at the same place.
    pub hash: [u8; 16],
}

fn half(hash: &[u8]) -> [u8; 16] {
    hash.first_chunk().copied().unwrap_or_default()
}

impl Snapshot {
    /// Moves the snapshot on to `seq`, the place of the last record applied, with the hash of the log there.
    pub fn advance(&mut self, seq: i64, hash: &[u8]) {
        self.seq = seq;
        self.hash = hash.into();
        self.last_modified.close(seq);
        self.trail.push_back((seq, hash.into()));
        if self.trail.len() > LONGEST_TRAIL {
            self.trail.pop_front();
        }
    }

    /// Remembers places of the log from before the snapshot was loaded, the oldest first.
    pub(crate) fn remember_places(&mut self, places: impl IntoIterator<Item = (i64, Vec<u8>)>) {
        self.trail = places.into_iter().map(|(seq, hash)| (seq, hash.into())).collect();
    }

    /// Where in which history the snapshot is.
    pub fn place(&self) -> Place {
        Place { seq: self.seq, hash: half(&self.hash) }
    }

    /// Whether the snapshot's history is known to have been at a place.
    pub fn has_been_at(&self, place: &Place) -> bool {
        let found = self.trail.binary_search_by(|(seq, _)| seq.cmp(&place.seq));
        found.ok().and_then(|found| self.trail.get(found)).is_some_and(|(_, hash)| half(hash) == place.hash)
    }

    /// Which history the snapshot is of.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Says which history the snapshot is of.
    pub fn set_timeline(&mut self, timeline: Timeline) {
        self.timeline = timeline;
    }

    /// Places of the log that this process has seen, with their hashes, the newest first; not all of them.
    pub fn trail(&self) -> impl Iterator<Item = (i64, &[u8])> {
        self.trail.iter().rev().map(|(seq, hash)| (*seq, &**hash))
    }
}
