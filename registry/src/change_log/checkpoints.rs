//! Checkpoints: page digests at past sequence numbers. A digest between two checkpoints is computed backwards
//! from the later one instead of from the present.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use imbl::OrdMap;

use crate::snapshot::{PageDigest, Snapshot};

/// Minimum distance of two checkpoints, in changes.
const APART: i64 = 1_000;
/// Maximum number of checkpoints; beyond it, every other one is dropped.
const MOST: usize = 2_048;

/// Digests by sequence number and platform.
#[derive(Default)]
pub(super) struct Checkpoints(Mutex<BTreeMap<i64, OrdMap<i64, PageDigest>>>);

impl Checkpoints {
    /// Stores the digests of a snapshot, unless it is close to the last checkpoint.
    pub(super) fn note(&self, snapshot: &Snapshot) {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = snapshot.seq();
        if stored.last_key_value().is_some_and(|(last, _)| seq - last < APART) {
            return;
        }
        stored.insert(seq, snapshot.digests());
        if stored.len() > MOST {
            let mut number = 0;
            stored.retain(|_, _| {
                number += 1;
                number % 2 == 0
            });
        }
    }

    /// Drops all checkpoints, because their timeline was lost.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first checkpoint in `seq..before`, with the digest of a platform, or of all platforms.
    pub(super) fn at_or_after(
        &self,
        seq: i64,
        before: i64,
        platform_id: Option<i64>,
    ) -> Option<(i64, PageDigest)> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, digests) = stored.range(seq..before).next()?;
        let mut sum = PageDigest::default();
        let of_it = digests.iter().filter(|(id, _)| platform_id.is_none_or(|wanted| wanted == **id));
        of_it.for_each(|(_, digest)| sum.merge(*digest));
        Some((*at, sum))
    }
}
