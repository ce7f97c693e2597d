//! Sets of ids as compressed bitmaps, and the children of a parent as such sets.

use std::{ops::Deref, sync::Arc};

use imbl::OrdSet;
use roaring::RoaringBitmap;

/// Copy-on-write bitmap of ids.
#[derive(Clone, Default)]
pub(crate) struct IdSet(Arc<RoaringBitmap>);

impl Deref for IdSet {
    type Target = RoaringBitmap;

    fn deref(&self) -> &RoaringBitmap {
        &self.0
    }
}

impl From<RoaringBitmap> for IdSet {
    fn from(bits: RoaringBitmap) -> Self {
        Self(Arc::new(bits))
    }
}

impl IdSet {
    pub(crate) fn set(&mut self, id: i64, is_in: bool) {
        if self.0.contains(bit(id)) != is_in {
            let bits = Arc::make_mut(&mut self.0);
            if is_in {
                bits.insert(bit(id))
            } else {
                bits.remove(bit(id))
            };
        }
    }
}

/// Pairs of parent id and child id.
#[derive(Clone, Default)]
pub(crate) struct Children(OrdSet<(u32, u32)>);

impl Children {
    pub(crate) fn set(&mut self, parent: i64, child: i64, is_child: bool) {
        let pair = (bit(parent), bit(child));
        if is_child {
            self.0.insert(pair);
        } else {
            self.0.remove(&pair);
        }
    }

    /// Ids of a parent's children, in ascending order.
    pub(crate) fn ids(&self, parent: i64) -> impl Iterator<Item = i64> + '_ {
        self.bits(parent).map(i64::from)
    }

    /// Ids of a parent's children, as a bitmap.
    pub(crate) fn of(&self, parent: i64) -> RoaringBitmap {
        self.bits(parent).collect()
    }

    /// Ids of all parents of these children, as a bitmap.
    pub(crate) fn parents_of(&self, children: &RoaringBitmap) -> RoaringBitmap {
        self.0.iter().filter(|(_, child)| children.contains(*child)).map(|(parent, _)| *parent).collect()
    }

    fn bits(&self, parent: i64) -> impl Iterator<Item = u32> + '_ {
        let from_parent = self.0.range((bit(parent), 0)..);
        from_parent.take_while(move |(other, _)| *other == bit(parent)).map(|(_, child)| *child)
    }
}

/// Ids that match a query and are visible to its viewer, in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Selection(RoaringBitmap);

impl Selection {
    pub(crate) fn new(bits: RoaringBitmap) -> Self {
        Self(bits)
    }

    /// The ids as a bitmap.
    pub fn bits(&self) -> &RoaringBitmap {
        &self.0
    }

    /// Number of ids.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those ids for which a condition holds.
    pub fn filtered(self, holds: impl Fn(i64) -> bool) -> Self {
        Self(self.0.into_iter().filter(|id| holds(i64::from(*id))).collect())
    }

    /// Ids greater than `after`.
    pub fn after(&self, after: Option<i64>) -> impl Iterator<Item = i64> + '_ {
        let first = after.map_or(0, |id| u32::try_from(id.saturating_add(1)).unwrap_or(u32::MAX));
        self.0.range(first..).map(i64::from)
    }
}

/// Largest id: sets store 32 bits, enough for 20,000 times the largest known registry.
pub(crate) const MAX_ID: i64 = u32::MAX as i64 - 1;

pub(crate) fn bit(id: i64) -> u32 {
    debug_assert!((0..=MAX_ID).contains(&id), "checked when the record was applied");
    id as u32
}
