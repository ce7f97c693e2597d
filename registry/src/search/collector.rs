//! Running a query over the index: only what the viewer may see counts, best first.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

use super::document::Hit;

/// A place in the list of hits: how well it fits, and what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Score, in steps that small differences between replicas do not show in.
    pub score: u32,
    /// What was found.
    pub hit: Hit,
}

impl Eq for Place {}

/// The better place is the smaller one; equal ones go by their ids.
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

/// What may be found: ids of organizations and of pages.
#[derive(Clone, Default)]
pub struct Among {
    /// Organizations.
    pub organizations: RoaringBitmap,
    /// Pages.
    pub pages: RoaringBitmap,
}

impl Among {
    pub(super) fn has(&self, hit: Hit) -> bool {
        match hit {
            Hit::Organization(id) => self.organizations.contains(id as u32),
            Hit::Page(id) => self.pages.contains(id as u32),
        }
    }
}

/// Collects the best hits after a place, and counts all.
pub(super) struct Best {
    pub(super) among: Arc<Among>,
    pub(super) after: Option<Place>,
    pub(super) count: usize,
}

/// The best hits, the best first, and the number of all.
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
    // Every document has one of each, so its number is the place of both.
    keys: Arc<dyn ColumnValues>,
    weights: Arc<dyn ColumnValues>,
    among: Arc<Among>,
    after: Option<Place>,
    count: usize,
    /// The worst of the best on top.
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
