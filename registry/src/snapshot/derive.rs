//! Data derived from the records for lists and counts: facets, orders, hashes of lines.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{
    Snapshot,
    audience::{Audiences, Counted},
    digest::Hashes,
    facet::{Dimension, FacetKey, Facets},
    facet_keys::{Records, figure_keys, own_keys, page_keys, shared_keys},
    name_order::NameOrder,
    order::{NumberOrder, registered, subscribers, updated},
    sets::bit,
};
use crate::model::{Figures, Organization, Page, Territory};

/// Facets, orders and hashes of one snapshot.
#[derive(Clone, Default)]
pub(crate) struct Derived {
    pub(crate) organization_facets: Facets,
    pub(crate) page_facets: Facets,
    pub(crate) organization_names: NameOrder<Organization>,
    pub(crate) page_titles: NameOrder<Page>,
    pub(crate) registered: NumberOrder,
    pub(crate) subscribers: NumberOrder,
    pub(crate) audiences: Audiences,
    pub(crate) organizations_updated: NumberOrder,
    pub(crate) pages_updated: NumberOrder,
    /// Hashes of the public pages.
    pub(crate) page_hashes: Hashes,
    /// Hashes of the public organizations.
    pub(crate) organization_hashes: Hashes,
}

impl Records for Snapshot {
    fn find_organization(&self, id: i64) -> Option<&Organization> {
        self.organization(id).map(|organization| &**organization)
    }

    fn find_territory(&self, id: i64) -> Option<&Territory> {
        self.territory(id).map(|territory| &**territory)
    }

    fn find_sector(&self, code: &str) -> Option<i64> {
        self.sector_by_code(code).map(|sector| sector.id)
    }
}

impl Snapshot {
    /// Builds facets, orders and hashes; afterwards each applied record updates them.
    pub fn derive(&mut self) {
        self.find_public_pages();
        let mut derived = Derived::default();
        // Sorting names is half of the work: it runs on its own thread, as hashing does.
        std::thread::scope(|threads| {
            let hashes = threads.spawn(|| self.public_hashes());
            let names = threads.spawn(|| {
                let pages = self.pages.iter().map(|(id, page)| (*id, page));
                let organizations = self.organizations.iter().map(|(id, organization)| (*id, organization));
                (NameOrder::build(organizations), NameOrder::build(pages))
            });
            self.derive_facets(&mut derived);
            self.derive_orders(&mut derived);
            (derived.organization_names, derived.page_titles) =
                names.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (derived.page_hashes, derived.organization_hashes) =
                hashes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
        self.derived = Some(derived);
    }

    /// Builds what is needed to count.
    pub(super) fn derive_counts(&mut self) {
        self.find_public_pages();
        let mut derived = Derived::default();
        self.derive_facets(&mut derived);
        self.derived = Some(derived);
    }

    /// Finds out anew which pages are public: they may have been applied before their owners.
    fn find_public_pages(&mut self) {
        let shown = self.pages.values().filter(|page| page.is_public() && self.owner_is_public(page));
        self.public_pages = shown.map(|page| bit(page.id)).collect::<RoaringBitmap>().into();
    }

    fn derive_facets(&self, derived: &mut Derived) {
        let shared: HashMap<i64, Vec<FacetKey>> =
            self.organizations.iter().map(|(id, record)| (*id, shared_keys(self, record))).collect();
        derived.organization_facets = self.organization_facets(&shared);
        derived.page_facets = self.page_facets(&shared);
        let organizations = self.organizations.values().map(|it| (it.id, updated(it.updated_at)));
        derived.organizations_updated = NumberOrder::build(organizations);
    }

    fn derive_orders(&self, derived: &mut Derived) {
        let ordered = |number: &dyn Fn(&Page) -> Option<i64>| {
            NumberOrder::build(self.pages.values().map(|page| (page.id, number(page))))
        };
        derived.registered = ordered(&registered);
        derived.subscribers = ordered(&|page| subscribers(self.figures(page.id)));
        derived.pages_updated = ordered(&|page| updated(page.updated_at));
        let counted = self.pages.values().filter_map(|page| self.counted(page));
        derived.audiences = Audiences::build(self.organizations.keys().copied(), counted);
    }

    fn organization_facets(&self, shared: &HashMap<i64, Vec<FacetKey>>) -> Facets {
        let mut sets: BTreeMap<FacetKey, RoaringBitmap> = BTreeMap::new();
        for (id, organization) in &self.organizations {
            for key in shared[id].iter().copied().chain(own_keys(self.time_zone(), organization)) {
                sets.entry(key).or_default().insert(bit(*id));
            }
        }
        for page in self.pages.values().filter(|page| self.counts_as_page(page)) {
            for owner in page.co_owners.iter().chain([&page.owner_id]) {
                for platform in [0, page.platform_id as u32] {
                    sets.entry((Dimension::HasPageOn, platform)).or_default().insert(bit(*owner));
                }
            }
        }
        Facets::build(sets)
    }

    fn page_facets(&self, shared: &HashMap<i64, Vec<FacetKey>>) -> Facets {
        let zone = self.time_zone();
        let mut sets: BTreeMap<FacetKey, RoaringBitmap> = BTreeMap::new();
        for (id, page) in &self.pages {
            let of_owner = shared.get(&page.owner_id).into_iter().flatten().copied();
            let own = page_keys(zone, page).into_iter().chain(figure_keys(zone, self.figures(*id)));
            for key in own.chain(of_owner) {
                sets.entry(key).or_default().insert(bit(*id));
            }
        }
        Facets::build(sets)
    }

    /// Whether the page counts for [`Dimension::HasPageOn`] of its owners: official and public.
    fn counts_as_page(&self, page: &Page) -> bool {
        page.is_official() && self.public_pages.contains(bit(page.id))
    }

    /// The page with its subscribers, if it counts for the audiences of its owners.
    fn counted<'a>(&self, page: &'a Page) -> Option<Counted<'a>> {
        let number = subscribers(self.figures(page.id))?;
        self.counts_as_page(page).then_some((page, number))
    }

    /// Current facets that an organization shares with its pages.
    pub(crate) fn shared_keys_of(&self, organization_id: i64) -> Vec<FacetKey> {
        self.organization(organization_id).map_or_else(Vec::new, |record| shared_keys(self, record))
    }

    /// Updates the shared facets of an organization and of its pages.
    pub(crate) fn shift_shared(&mut self, organization_id: i64, before: &[FacetKey]) {
        let after = self.shared_keys_of(organization_id);
        if before == after {
            return;
        }
        let pages: Vec<i64> = self.owned_pages.ids(organization_id).collect();
        let owned = pages
            .into_iter()
            .filter(|id| self.pages.get(id).is_some_and(|page| page.owner_id == organization_id));
        let owned: Vec<i64> = owned.collect();
        let Some(derived) = &mut self.derived else { return };
        derived.organization_facets.shift(organization_id, before, &after);
        for page in owned {
            derived.page_facets.shift(page, before, &after);
        }
    }

    /// Updates the facets, sort positions and hash of a changed page, which was public before or not.
    pub(crate) fn shift_page(&mut self, before: Option<&Arc<Page>>, after: &Arc<Page>, was_public: bool) {
        self.rehash_page(after);
        let keys_of = |page: &Page| {
            let mut keys = page_keys(self.time_zone(), page);
            keys.extend(self.shared_keys_of(page.owner_id));
            keys
        };
        let before_keys = before.map(|before| keys_of(before)).unwrap_or_default();
        let after_keys = keys_of(after);
        let number = subscribers(self.figures(after.id));
        let counted_before = before.filter(|before| was_public && before.is_official());
        let counted_before = counted_before.and_then(|before| Some((&**before, number?)));
        let counted = self.counted(after);
        let Some(derived) = &mut self.derived else { return };
        derived.page_facets.shift(after.id, &before_keys, &after_keys);
        if !self.counts_only {
            derived.page_titles.replace(after.id, before, after);
            derived.registered.replace(after.id, before.map(|before| registered(before)), registered(after));
            derived.subscribers.replace(after.id, before.map(|_| number), number);
            derived.audiences.shift(counted_before, counted);
            let updated_before = before.map(|before| updated(before.updated_at));
            derived.pages_updated.replace(after.id, updated_before, updated(after.updated_at));
        }
        let owners =
            before.into_iter().chain([after]).flat_map(|page| page.co_owners.iter().chain([&page.owner_id]));
        for owner in owners.copied().collect::<Vec<_>>() {
            self.shift_has_page(owner);
        }
    }

    /// Recomputes on which platforms an organization has a page.
    pub(crate) fn shift_has_page(&mut self, organization_id: i64) {
        let owned = self.owned_pages.ids(organization_id).filter_map(|id| self.pages.get(&id));
        let mut has: Vec<u32> =
            owned.filter(|page| self.counts_as_page(page)).map(|page| page.platform_id as u32).collect();
        if !has.is_empty() {
            has.push(0);
        }
        let platforms: Vec<u32> = self.platforms.keys().map(|id| *id as u32).chain([0]).collect();
        let Some(derived) = &mut self.derived else { return };
        for platform in platforms {
            let key = (Dimension::HasPageOn, platform);
            derived.organization_facets.set(key, organization_id, has.contains(&platform));
        }
    }

    /// Applies the latest statistics of a page.
    pub fn record_figures(&mut self, page_id: i64, figures: Figures) {
        let before = self.figures.insert(bit(page_id), figures);
        let zone = self.time_zone();
        let page = self.pages.get(&page_id).filter(|page| self.counts_as_page(page)).cloned();
        let Some(derived) = &mut self.derived else { return };
        let (keys_before, keys) = (figure_keys(zone, before.as_ref()), figure_keys(zone, Some(&figures)));
        derived.page_facets.shift(page_id, &keys_before, &keys);
        let number = subscribers(before.as_ref());
        let number_now = subscribers(Some(&figures));
        derived.subscribers.replace(page_id, Some(number), number_now);
        let counted = |number: Option<i64>| page.as_deref().zip(number);
        derived.audiences.shift(counted(number), counted(number_now));
    }

    /// This organization and all organizations below it, by the current links.
    pub(crate) fn descendants(&self, id: i64) -> Vec<i64> {
        let mut known = RoaringBitmap::from_iter([bit(id)]);
        let mut found = vec![id];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            let below = self.organization_children.ids(id).chain(self.founded.ids(id));
            found.extend(below.filter(|child| known.insert(bit(*child))));
            next += 1;
        }
        found
    }
}
