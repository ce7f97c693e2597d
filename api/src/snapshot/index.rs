//! Natural keys to ids, in one persistent map.

use std::hash::{DefaultHasher, Hash, Hasher};

use imbl::OrdSet;

use super::sets::bit;

/// Pairs of a key's fingerprint and an id. Fingerprints may collide: callers check the record they find.
///
/// A B-tree of 16-byte pairs: a hash map of the same takes four times the memory for half the time of a look-up.
#[derive(Clone, Default)]
pub(super) struct Index(OrdSet<(u64, u32)>);

/// What a key is a key of.
#[derive(Clone, Copy, Debug, Hash)]
#[allow(missing_docs)]
pub enum Space {
    TerritoryCode,
    SectorCode,
    SchemeCode,
    PlatformCode,
    OrganizationCode,
    OrganizationName,
    Identifier,
    NativeId,
    Handle,
    Alias,
    Skeleton,
    ClientName,
    ClientKey,
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
        self.0.range((key, 0)..=(key, u32::MAX)).map(|(_, id)| i64::from(*id))
    }
}
