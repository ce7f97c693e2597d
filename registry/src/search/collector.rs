//! Collects the best hits that the viewer may see.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

use super::document::Hit;

/// Hit with its score: a position in the ranked list of hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredHit {
    /// Score, rounded down, so that small differences between replicas do not matter.
    pub score: u32,
    /// The record.
    pub hit: Hit,
}

impl Eq for ScoredHit {}

/// Better positions are smaller; ties are ordered by record type and id.
impl Ord for ScoredHit {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.cmp(&self.score).then(self.hit.cmp(&other.hit))
    }
}

impl PartialOrd for ScoredHit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Ids of the organizations and pages that may be found.
#[derive(Clone, Default)]
pub struct VisibleIds {
    /// Organizations.
    pub organizations: RoaringBitmap,
    /// Pages.
    pub pages: RoaringBitmap,
}

impl VisibleIds {
    pub(super) fn has(&self, hit: Hit) -> bool {
        match hit {
            Hit::Organization(id) => self.organizations.contains(id as u32),
            Hit::Page(id) => self.pages.contains(id as u32),
        }
    }
}

/// Collects the best `count` hits after a position, and the total count.
pub(super) struct Best {
    pub(super) among: Arc<VisibleIds>,
    pub(super) after: Option<ScoredHit>,
    pub(super) count: usize,
}

/// The best hits, best first, and the total count.
pub(super) type Found = (Vec<ScoredHit>, u64);

impl Collector for Best {
    type Fruit = Found;
    type Child = BestOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<BestOfSegment> {
        Ok(BestOfSegment {
            keys: segment.fast_fields().u64("key")?.values,
            weights: segment.fast_fields().u64("weight")?.values,
            among: self.among.clone(),
            after: self.after,
            count: self.count,
            best: BinaryHeap::with_capacity(self.count + 1),
            total: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Found>) -> tantivy::Result<Found> {
        let total = fruits.iter().map(|(_, total)| total).sum();
        let mut best: Vec<ScoredHit> = fruits.into_iter().flat_map(|(best, _)| best).collect();
        best.sort_unstable();
        best.truncate(self.count);
        Ok((best, total))
    }
}

pub(super) struct BestOfSegment {
    // Every document has exactly one value of each column, so the document id is the row id.
    keys: Arc<dyn ColumnValues>,
    weights: Arc<dyn ColumnValues>,
    among: Arc<VisibleIds>,
    after: Option<ScoredHit>,
    count: usize,
    /// Max-heap with the worst collected hit on top.
    best: BinaryHeap<ScoredHit>,
    total: u64,
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, score: Score) {
        let hit = Hit::from_key(self.keys.get_val(doc));
        if !self.among.has(hit) {
            return;
        }
        self.total += 1;
        let weight = self.weights.get_val(doc) as f32;
        let scored = ScoredHit { score: (score * weight).max(0.0) as u32, hit };
        if self.after.is_some_and(|after| scored <= after) {
            return;
        }
        if self.best.len() < self.count {
            self.best.push(scored);
        } else if self.best.peek().is_some_and(|worst| scored < *worst) {
            self.best.pop();
            self.best.push(scored);
        }
    }

    fn harvest(self) -> Found {
        (self.best.into_sorted_vec(), self.total)
    }
}
