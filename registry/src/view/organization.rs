//! Organizations as a viewer sees them.

use std::ops::Deref;

use entities::{former_key::Space as Former, organization::Kind};

use super::{ExemptionView, SectorView, TerritoryView, View, list::Candidates};
use crate::{
    model::Organization,
    snapshot::MAX_DEPTH,
    snapshot::{Filter, Selection},
};

/// An organization as a viewer sees it.
#[derive(Clone, Copy)]
pub struct OrganizationView<'a> {
    view: &'a View,
    record: &'a Organization,
}

impl View {
    /// Organization with this id, if the viewer may see it.
    pub fn organization(&self, id: i64) -> Option<OrganizationView<'_>> {
        self.see_organization(self.organization_record(id)?)
    }

    /// Organization with this code, if the viewer may see it.
    pub fn organization_by_code(&self, code: &str) -> Option<OrganizationView<'_>> {
        self.organization(self.snapshot.organization_by_code(code)?.id)
    }

    /// Organizations with this identifier that the viewer may see; units share the identifier of their legal
    /// parent.
    pub fn organizations_by_identifier(&self, scheme: &str, value: &str) -> Vec<OrganizationView<'_>> {
        // Normalized as in imports: without blanks, with the leading zeros that spreadsheets drop.
        let rules = self.snapshot.scheme_by_code(scheme).map(|scheme| &scheme.rules);
        let canonical = rules.and_then(|rules| rules.verify(value).ok()).map(|(canonical, _)| canonical);
        let value = canonical.as_deref().unwrap_or(value.trim());
        let organizations = self.snapshot.organizations_by_identifier(scheme, value);
        organizations.filter_map(|record| self.organization(record.id)).collect()
    }

    fn see_organization<'a>(&'a self, record: &'a Organization) -> Option<OrganizationView<'a>> {
        let is_visible = record.is_public() || self.reviews_organization(record);
        is_visible.then_some(OrganizationView { view: self, record })
    }
}

impl<'a> OrganizationView<'a> {
    /// The view that contains the organization.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Parent organization.
    pub fn parent(&self) -> Option<OrganizationView<'a>> {
        self.view.organization(self.record.parent_id?)
    }

    /// Ancestors, the nearest first; at most [`MAX_DEPTH`].
    pub fn ancestors(&self) -> impl Iterator<Item = OrganizationView<'a>> {
        std::iter::successors(self.parent(), OrganizationView::parent).take(MAX_DEPTH)
    }

    /// Authority that founded the institution, otherwise the nearest authority among its ancestors.
    pub fn authority(&self) -> Option<OrganizationView<'a>> {
        let founder = self.record.founder_id.and_then(|id| self.view.organization(id));
        // A founder may have become an institution since.
        founder.into_iter().chain(self.ancestors()).find(|above| above.kind == Kind::Authority)
    }

    /// Direct child organizations that match the filter.
    pub fn children(&self, filter: &Filter) -> Selection {
        let id = self.record.id;
        let now = self.view.snapshot.organization_children.of(id);
        let former = &[(Former::OrganizationParent, id)];
        self.view.organizations_among(Candidates { now, former }, |child| child.parent_id == Some(id), filter)
    }

    /// Institutions that the authority founded or that are its direct children, and that match the filter.
    pub fn institutions(&self, filter: &Filter) -> Selection {
        let (snapshot, id) = (&self.view.snapshot, self.record.id);
        let below = snapshot.organization_children.of(id) | snapshot.founded.of(id);
        let now = self.view.of_kind(Kind::Institution, below);
        let former = &[(Former::OrganizationParent, id), (Former::Founder, id)];
        let belongs = |it: &Organization| {
            let is_below = it.parent_id == Some(id) || it.founder_id == Some(id);
            is_below && it.kind == Kind::Institution
        };
        self.view.organizations_among(Candidates { now, former }, belongs, filter)
    }

    /// Pages that the organization owns or co-owns, and that match the filter.
    pub fn pages(&self, filter: &Filter) -> Selection {
        let id = self.record.id;
        let now = self.view.snapshot.owned_pages.of(id);
        let former = &[(Former::PageOwner, id)];
        let belongs = |page: &crate::model::Page| page.owner_id == id || page.co_owners.contains(&id);
        self.view.pages_among(Candidates { now, former }, belongs, filter)
    }

    /// Territory in which the organization works.
    pub fn territory(&self) -> Option<TerritoryView<'a>> {
        self.view.territory(self.record.territory_id?)
    }

    /// Sector of the institution.
    pub fn sector(&self) -> Option<SectorView<'a>> {
        self.view.sector_by_code(self.record.institution_sector()?)
    }

    /// Successors of the merged or split organization.
    pub fn successors(&self) -> Vec<OrganizationView<'a>> {
        self.record.successors.iter().filter_map(|id| self.view.organization(*id)).collect()
    }

    /// Organizations of which this one is a successor.
    pub fn predecessors(&self) -> Vec<OrganizationView<'a>> {
        let ids = self.view.snapshot.predecessors.ids(self.record.id);
        let organizations = ids.filter_map(|id| self.view.organization(id));
        organizations.filter(|it| it.successors.contains(&self.record.id)).collect()
    }

    /// Final successor of a merged organization, following repeated mergers.
    pub fn merged_into(&self) -> Option<OrganizationView<'a>> {
        let next = |it: &OrganizationView<'a>| match (it.record.status, it.record.successors.as_slice()) {
            (entities::organization::Status::Merged, [id]) => self.view.organization(*id),
            _ => None,
        };
        std::iter::successors(next(self), next).take(MAX_DEPTH).last()
    }

    /// Exemptions of the organization.
    pub fn exemptions(&self) -> Vec<ExemptionView<'a>> {
        let ids = self.view.snapshot.exemptions_of(self.record.id).map(|exemption| exemption.id);
        ids.filter_map(|id| self.view.exemption(id)).collect()
    }
}

impl Deref for OrganizationView<'_> {
    type Target = Organization;

    fn deref(&self) -> &Organization {
        self.record
    }
}
