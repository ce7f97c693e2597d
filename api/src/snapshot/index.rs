//! Natural keys to ids, in one persistent map.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use imbl::OrdSet;

use super::sets::bit;

/// Pairs of a key's fingerprint and an id. Fingerprints may collide: callers check the record they find.
///
/// A B-tree of 16-byte pairs: a hash map of the same takes four times the memory for half the time of a look-up.
#[derive(Clone, Default)]
pub(super) struct Index(OrdSet<(u64, u32)>);

/// Says at once of most keys that nothing is under them: one bit for each fingerprint that ever was.
#[derive(Clone)]
pub(super) struct Sieve(Arc<Vec<u64>>);

/// A megabyte: of a national registry's handles, one bit in twenty-four is set.
const SIEVE_WORDS: usize = 1 << 17;

impl Default for Sieve {
    fn default() -> Self {
        Self(Arc::new(vec![0; SIEVE_WORDS]))
    }
}

impl Sieve {
    pub(super) fn insert(&mut self, key: u64) {
        if !self.may_hold(key) {
            let (word, bit) = Self::place(key);
            Arc::make_mut(&mut self.0)[word] |= bit;
        }
    }

    /// Whether something may be under the key; `false` is certain.
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.0[word] & bit != 0
    }

    fn place(key: u64) -> (usize, u64) {
        ((key >> 6) as usize % SIEVE_WORDS, 1 << (key & 63))
    }
}

/// What a key is a key of.
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
    pub(super) fn set(&mut self, key: u64, id: i64, is_in: bool) {
        if is_in {
            self.0.insert((key, bit(id)));
        } else {
            self.0.remove(&(key, bit(id)));
        }
    }

    /// Ids under a fingerprint, in ascending order.
    pub(super) fn candidates(&self, key: u64) -> impl Iterator<Item = i64> + '_ {
        // Open to above: a range that is closed on both sides is looked up twice.
        let from_key = self.0.range((key, 0)..);
        from_key.take_while(move |(other, _)| *other == key).map(|(_, id)| i64::from(*id))
    }
}
