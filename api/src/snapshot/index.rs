//! Natural keys to ids, in one persistent map.

use std::hash::{DefaultHasher, Hash, Hasher};

use smallvec::SmallVec;

/// Ids by the fingerprint of a key. Fingerprints may collide: callers check the record they find.
#[derive(Clone, Default)]
pub(super) struct Index(imbl::HashMap<u64, SmallVec<[i64; 1]>>);

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
    pub(super) fn insert(&mut self, key: u64, id: i64) {
        let ids = self.0.entry(key).or_default();
        if let Err(place) = ids.binary_search(&id) {
            ids.insert(place, id);
        }
    }

    pub(super) fn remove(&mut self, key: u64, id: i64) {
        if let Some(ids) = self.0.get_mut(&key) {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.0.remove(&key);
            }
        }
    }

    /// Ids under a fingerprint, in ascending order.
    pub(super) fn candidates(&self, key: u64) -> &[i64] {
        self.0.get(&key).map_or(&[], SmallVec::as_slice)
    }
}
