//! Index from natural keys to ids, in persistent maps.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use imbl::{OrdMap, OrdSet};

use super::sets::bit;

/// Ids by their keys' fingerprints. Fingerprints may collide: callers check the record they find.
///
/// B-trees of 16-byte pairs: a hash map takes four times the memory for half the look-up time.
#[derive(Clone, Default)]
pub(crate) struct Index {
    /// Id of each fingerprint; [`SEVERAL`] if there is more than one.
    one: OrdMap<u64, u32>,
    /// Fingerprints with several ids, one pair per id.
    several: OrdSet<(u64, u32)>,
}

/// Marks a fingerprint with several ids.
const SEVERAL: u32 = u32::MAX;

/// Bloom filter with one hash: rules out most absent keys. Bits are never cleared.
#[derive(Clone)]
pub(crate) struct BloomFilter(Arc<Vec<u64>>);

/// 1 MB: the handles of a national registry set one bit in 24.
const FILTER_WORDS: usize = 1 << 17;

impl Default for BloomFilter {
    fn default() -> Self {
        Self(Arc::new(vec![0; FILTER_WORDS]))
    }
}

impl BloomFilter {
    pub(crate) fn insert(&mut self, key: u64) {
        if !self.may_contain(key) {
            let (word, bit) = Self::position(key);
            Arc::make_mut(&mut self.0)[word] |= bit;
        }
    }

    /// Whether the key may be present; `false` is certain.
    pub(crate) fn may_contain(&self, key: u64) -> bool {
        let (word, bit) = Self::position(key);
        self.0[word] & bit != 0
    }

    fn position(key: u64) -> (usize, u64) {
        ((key >> 6) as usize % FILTER_WORDS, 1 << (key & 63))
    }
}

/// Kind of a key.
#[derive(Clone, Copy, Debug, Hash)]
#[allow(missing_docs)]
pub enum Space {
    TerritoryCode,
    SectorCode,
    SchemeCode,
    OrganizationCode,
    OrganizationName,
    Identifier,
    NativeId,
    Handle,
    Alias,
    Skeleton,
    ClientName,
    ClientKey,
    RuleCode,
    AbbreviationCode,
    IndicatorCode,
    MethodologyCode,
    Former(entities::former_key::Space),
}

/// Fingerprint of a key: the same for the same parts, in every process.
pub fn fingerprint(space: Space, parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    space.hash(&mut hasher);
    parts.hash(&mut hasher);
    hasher.finish()
}

impl Index {
    pub(crate) fn set(&mut self, key: u64, id: i64, is_in: bool) {
        if is_in { self.insert(key, bit(id)) } else { self.remove(key, bit(id)) }
    }

    fn insert(&mut self, key: u64, id: u32) {
        let Some(known) = self.one.insert(key, id).filter(|known| *known != id) else { return };
        self.one.insert(key, SEVERAL);
        self.several.insert((key, id));
        if known != SEVERAL {
            self.several.insert((key, known));
        }
    }

    fn remove(&mut self, key: u64, id: u32) {
        match self.one.get(&key) {
            Some(known) if *known == id => _ = self.one.remove(&key),
            Some(&SEVERAL) if self.several.remove(&(key, id)).is_some() => {
                let mut left = self.among_several(key);
                if let (Some(only), None) = (left.next(), left.next()) {
                    drop(left);
                    self.several.remove(&(key, only));
                    self.one.insert(key, only);
                }
            }
            _ => {}
        }
    }

    /// Ids of a fingerprint, in ascending order.
    pub(crate) fn candidates(&self, key: u64) -> impl Iterator<Item = i64> + '_ {
        let known = self.one.get(&key).copied();
        let several = (known == Some(SEVERAL)).then(|| self.among_several(key));
        let one = known.filter(|id| *id != SEVERAL);
        one.into_iter().chain(several.into_iter().flatten()).map(i64::from)
    }

    fn among_several(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        // Unbounded above: a range with two bounds takes two look-ups.
        let from_key = self.several.range((key, 0)..);
        from_key.take_while(move |(other, _)| *other == key).map(|(_, id)| *id)
    }
}
