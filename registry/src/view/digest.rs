//! Digests of public records, at present and at a past sequence number.

use std::{collections::HashMap, sync::Arc};

use entities::change::SubjectType;
use roaring::RoaringBitmap;

use super::{FeedScope, View, Viewer};
use crate::{
    model::{Organization, Page},
    snapshot::{RecordDigest, sets::bit},
};

/// Digests of the public records that a copy holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryDigest {
    /// Digest of the pages.
    pub pages: RecordDigest,
    /// Digest of the organizations.
    pub organizations: RecordDigest,
}

/// States at a past sequence number of the records that have changed since.
#[derive(Clone, Debug, Default)]
pub struct PastStates {
    /// Pages by id; `None` for those that were not public then.
    pub(crate) pages: HashMap<i64, Option<PastState<Page>>>,
    /// Organizations by id, likewise.
    pub(crate) organizations: HashMap<i64, Option<PastState<Organization>>>,
}

/// State of a record that was public, and its territory.
#[derive(Clone, Debug)]
pub(crate) struct PastState<T> {
    pub(crate) record: Arc<T>,
    pub(crate) territory_id: Option<i64>,
}

impl View {
    /// Digests of the public records of a scope, the same for every viewer: at present, or at the sequence number of `past`.
    /// Addresses are those of the present rules of platforms.
    pub fn digest(&self, scope: &FeedScope, past: &PastStates) -> RegistryDigest {
        let public = Self { viewer: Viewer::Public, as_of: None, ..self.clone() };
        let unchanged = public.pages(&scope.places).bits() - &changed(&past.pages);
        let then = past.pages.values().flatten().filter(|state| {
            scope.has_platform(Some(state.record.platform_id)) && scope.has_territory(state.territory_id)
        });
        let then: Vec<&Page> = then.map(|state| &*state.record).collect();
        let mut pages = RecordDigest::default();
        if scope.has_subject(SubjectType::Page) {
            let code_of = |id| self.code_then(past, id);
            pages.add_all(&self.derived().page_hashes, &unchanged);
            then.iter().for_each(|page| pages.add(&self.snapshot.page_hash(page, &code_of)));
        }
        let owners = match scope.with_owners {
            true => self.snapshot.owned_pages.parents_of(&unchanged) | owners_of(&then),
            false => RoaringBitmap::new(),
        };
        RegistryDigest { pages, organizations: public.organizations_digest(scope, past, &owners) }
    }

    /// Digest of the organizations of a scope and of these owners.
    fn organizations_digest(
        &self,
        scope: &FeedScope,
        past: &PastStates,
        owners: &RoaringBitmap,
    ) -> RecordDigest {
        // Organizations have no platform.
        let has_others = scope.has_subject(SubjectType::Organization) && scope.platform_ids.is_empty();
        let mut now = owners & &*self.snapshot.public_organizations;
        if has_others {
            now |= self.all_organizations(&scope.places).bits();
        }
        let mut digest = RecordDigest::default();
        digest.add_all(&self.derived().organization_hashes, &(now - changed(&past.organizations)));
        let code_of = |id| self.code_then(past, id);
        for state in past.organizations.values().flatten() {
            let is_other = has_others && scope.has_territory(state.territory_id);
            if is_other || owners.contains(bit(state.record.id)) {
                digest.add(&self.snapshot.organization_hash(&state.record, &code_of));
            }
        }
        digest
    }

    /// Code of an organization, if it was public then.
    fn code_then<'a>(&'a self, past: &'a PastStates, id: i64) -> Option<&'a str> {
        match past.organizations.get(&id) {
            Some(state) => state.as_ref().map(|state| &*state.record.code),
            None => self.snapshot.public_code(id),
        }
    }
}

/// Ids of records that have changed.
fn changed<T>(states: &HashMap<i64, Option<PastState<T>>>) -> RoaringBitmap {
    states.keys().map(|id| bit(*id)).collect()
}

/// Owners and co-owners of pages.
fn owners_of(pages: &[&Page]) -> RoaringBitmap {
    pages.iter().flat_map(|page| page.co_owners.iter().chain([&page.owner_id])).map(|id| bit(*id)).collect()
}
