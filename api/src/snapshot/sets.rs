//! Sets of ids as compressed bitmaps, and the children of a parent as such sets.

use std::{ops::Deref, sync::Arc};

use roaring::RoaringBitmap;

/// A shared bitmap of ids, copied only when it changes while somebody still reads it.
#[derive(Clone, Default)]
pub(super) struct IdSet(Arc<RoaringBitmap>);

impl Deref for IdSet {
    type Target = RoaringBitmap;

    fn deref(&self) -> &RoaringBitmap {
        &self.0
    }
}

impl IdSet {
    pub(super) fn set(&mut self, id: i64, is_in: bool) {
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

/// Ids of children by the id of their parent.
#[derive(Clone, Default)]
pub(super) struct Children(imbl::HashMap<i64, IdSet>);

impl Children {
    pub(super) fn set(&mut self, parent: i64, child: i64, is_child: bool) {
        if is_child || self.0.contains_key(&parent) {
            self.0.entry(parent).or_default().set(child, is_child);
        }
    }

    /// Children of a parent, if it has any.
    pub(super) fn of(&self, parent: i64) -> Option<&RoaringBitmap> {
        self.0.get(&parent).map(Deref::deref)
    }
}

/// Ids that a reader asked for and may see, in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Selection(RoaringBitmap);

impl Selection {
    pub(super) fn new(bits: RoaringBitmap) -> Self {
        Self(bits)
    }

    /// Number of ids.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ids greater than `after`.
    pub fn after(&self, after: Option<i64>) -> impl Iterator<Item = i64> + '_ {
        let first = after.map_or(0, |id| u32::try_from(id.saturating_add(1)).unwrap_or(u32::MAX));
        self.0.range(first..).map(i64::from)
    }
}

/// Largest id: sets keep 32 bits of it, twenty thousand times the largest registry known.
pub(super) const MAX_ID: i64 = u32::MAX as i64 - 1;

pub(super) fn bit(id: i64) -> u32 {
    debug_assert!((0..=MAX_ID).contains(&id), "checked when the record was applied");
    id as u32
}
