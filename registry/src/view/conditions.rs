//! Which records pass a filter: present ones by sets of ids, those of a past view one by one.

use roaring::RoaringBitmap;

use super::View;
use crate::{
    model::{Organization, Page},
    snapshot::{
        Dimension, FacetKey, Filter,
        facet_keys::{own_keys, page_keys, shared_keys},
        second_number,
        sets::bit,
    },
};

impl View {
    /// The organizations among these that pass at present.
    pub(super) fn select_organizations(&self, filter: &Filter, among: RoaringBitmap) -> RoaringBitmap {
        let derived = self.derived();
        let numbers = |dimension: Dimension| {
            (dimension == Dimension::UpdatedAt).then_some(&derived.organizations_updated)
        };
        let own = |id: u32| RoaringBitmap::from_iter([id]);
        let mut found = filter.select(&derived.organization_facets, numbers, own, among);
        if let Some(statuses) = filter.any_of(Dimension::Obligation) {
            found = self.with_status(statuses, &found);
        }
        let Some(mut part) = filter.name() else { return found };
        let organizations = found.iter().filter_map(|id| self.snapshot.organization(i64::from(id)));
        organizations.filter(|it| it.names().any(|name| part.is_in(name))).map(|it| bit(it.id)).collect()
    }

    /// The pages among these that pass at present.
    pub(super) fn select_pages(&self, filter: &Filter, among: RoaringBitmap) -> RoaringBitmap {
        let derived = self.derived();
        let numbers = |dimension: Dimension| match dimension {
            Dimension::UpdatedAt => Some(&derived.pages_updated),
            Dimension::Subscribers => Some(&derived.subscribers),
            _ => None,
        };
        let found = filter.select(&derived.page_facets, numbers, |id| self.owned_alone(id), among);
        let Some(mut part) = filter.name() else { return found };
        let pages = found.iter().filter_map(|id| self.snapshot.page(i64::from(id)));
        pages.filter(|page| part.is_in(&page.title)).map(|page| bit(page.id)).collect()
    }

    /// Pages whose owner is the organization: without those that it co-owns.
    fn owned_alone(&self, organization_id: u32) -> RoaringBitmap {
        let pages = self.snapshot.pages_of(i64::from(organization_id));
        pages.filter(|page| page.owner_id == i64::from(organization_id)).map(|page| bit(page.id)).collect()
    }

    /// Whether an organization passes in a past view.
    pub(super) fn organization_passes(&self, organization: &Organization, filter: &Filter) -> bool {
        let has_name =
            || filter.name().is_none_or(|mut part| organization.names().any(|name| part.is_in(name)));
        filter.is_empty() || (filter.passes(&self.organization_keys(organization, filter)) && has_name())
    }

    /// Whether a page passes in a past view.
    pub(super) fn page_passes(&self, page: &Page, filter: &Filter) -> bool {
        let has_title = || filter.name().is_none_or(|mut part| part.is_in(&page.title));
        filter.is_empty() || (filter.passes(&self.page_keys(page)) && has_title())
    }

    fn organization_keys(&self, organization: &Organization, filter: &Filter) -> Vec<FacetKey> {
        let mut keys = shared_keys(self, organization);
        keys.push((Dimension::Below, bit(organization.id)));
        keys.push((Dimension::UpdatedAt, second_number(organization.updated_at)));
        keys.extend(own_keys(self.time_zone(), organization));
        let Some(view) = self.organization(organization.id) else { return keys };
        let pages = view.pages(&Filter::default());
        let official = pages.after(None).filter_map(|id| self.page(id)).filter(|page| page.is_official());
        let platforms = official.flat_map(|page| [page.platform_id as u32, 0]);
        keys.extend(platforms.map(|platform| (Dimension::HasPageOn, platform)));
        if filter.any_of(Dimension::Obligation).is_some() {
            keys.extend(view.obligation_status().map(|status| (Dimension::Obligation, status as u32)));
        }
        keys
    }

    fn page_keys(&self, page: &Page) -> Vec<FacetKey> {
        let mut keys = page_keys(self.time_zone(), page);
        keys.push((Dimension::Id, bit(page.id)));
        keys.push((Dimension::UpdatedAt, second_number(page.updated_at)));
        if let Some(owner) = self.organization_record(page.owner_id) {
            keys.extend(shared_keys(self, owner));
            keys.push((Dimension::Below, bit(owner.id)));
            keys.push((Dimension::Owner, bit(owner.id)));
        }
        keys
    }
}
