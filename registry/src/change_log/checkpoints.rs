//! Digests of past places of the log, kept now and then: one of a place between two of them is found by rewinding from the
//! later one, and not from the present.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use imbl::OrdMap;

use crate::snapshot::{PageDigest, Snapshot};

/// Places between two that are kept.
const APART: i64 = 1_000;
/// Most places that are kept; every other one goes when there are more.
const MOST: usize = 2_048;

/// Digests by place and platform.
#[derive(Default)]
pub(super) struct Checkpoints(Mutex<BTreeMap<i64, OrdMap<i64, PageDigest>>>);

impl Checkpoints {
    /// Keeps the digests of a snapshot, unless it is near to the last that was kept.
    pub(super) fn note(&self, snapshot: &Snapshot) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = snapshot.seq();
        if kept.last_key_value().is_some_and(|(last, _)| seq - last < APART) {
            return;
        }
        kept.insert(seq, snapshot.digests());
        if kept.len() > MOST {
            let mut number = 0;
            kept.retain(|_, _| {
                number += 1;
                number % 2 == 0
            });
        }
    }

    /// Forgets all, since the history that they are of was lost.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first place from one on whose digest is kept, before another; with the digest of a platform, or of all.
    pub(super) fn at_or_after(
        &self,
        seq: i64,
        before: i64,
        platform_id: Option<i64>,
    ) -> Option<(i64, PageDigest)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, digests) = kept.range(seq..before).next()?;
        let mut sum = PageDigest::default();
        let of_it = digests.iter().filter(|(id, _)| platform_id.is_none_or(|wanted| wanted == **id));
        of_it.for_each(|(_, digest)| sum.merge(*digest));
        Some((*place, sum))
    }
}
