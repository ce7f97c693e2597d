//! Which history of the database a snapshot belongs to: a database that is restored, or falls back to a replica that was
//! behind, goes on with another one.

use std::sync::Arc;

use super::Snapshot;

/// Places of the log that are remembered.
const LONGEST_TRAIL: usize = 4_096;

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

impl Snapshot {
    /// Moves the snapshot on to `seq`, the place of the last record applied, with the hash of the log there.
    pub fn advance(&mut self, seq: i64, hash: &[u8]) {
        self.seq = seq;
        self.hash = hash.into();
        self.touched.close(seq);
        self.trail.push_back((seq, hash.into()));
        if self.trail.len() > LONGEST_TRAIL {
            self.trail.pop_front();
        }
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
