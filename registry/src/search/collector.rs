//! Collects the best hits that the viewer may see.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

use super::document::Hit;

/// Position in the list of hits: score and record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Score, rounded down, so that small differences between replicas do not matter.
    pub score: u32,
    /// The record.
    pub hit: Hit,
}

impl Eq for Place {}

/// Better positions are smaller; ties are ordered by record type and id.
impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.cmp(&self.score).then(self.hit.cmp(&other.hit))
    }
}

impl PartialOrd for Place {
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
    pub(super) after: Option<Place>,
    pub(super) count: usize,
}

/// The best hits, best first, and the total count.
pub(super) type Found = (Vec<Place>, u64);

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
        let mut best: Vec<Place> = fruits.into_iter().flat_map(|(best, _)| best).collect();
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
    after: Option<Place>,
    count: usize,
    /// Max-heap with the worst collected hit on top.
    best: BinaryHeap<Place>,
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
        let place = Place { score: (score * weight).max(0.0) as u32, hit };
        if self.after.is_some_and(|after| place <= after) {
            return;
        }
        if self.best.len() < self.count {
            self.best.push(place);
        } else if self.best.peek().is_some_and(|worst| place < *worst) {
            self.best.pop();
            self.best.push(place);
        }
    }

    fn harvest(self) -> Found {
        (self.best.into_sorted_vec(), self.total)
    }
}
