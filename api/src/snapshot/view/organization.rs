//! Organizations as a viewer sees them.

use std::ops::Deref;

use entities::organization::Kind;

use super::{SectorView, TerritoryView, View};
use crate::snapshot::{Organization, Selection};

/// Longest way up the tree; imports refuse deeper ones.
pub const MAX_DEPTH: usize = 10;

/// An organization as a viewer sees it.
#[derive(Clone, Copy)]
pub struct OrganizationView<'a> {
    view: &'a View,
    record: &'a Organization,
}

impl View {
    /// Organization with this id, if the viewer may see it.
    pub fn organization(&self, id: i64) -> Option<OrganizationView<'_>> {
        self.see_organization(self.snapshot.organization(id)?)
    }

    /// Organization with this code, if the viewer may see it.
    pub fn organization_by_code(&self, code: &str) -> Option<OrganizationView<'_>> {
        self.see_organization(self.snapshot.organization_by_code(code)?)
    }

    /// Organizations with this identifier that the viewer may see; units share their legal parent's.
    pub fn organizations_by_identifier(&self, scheme: &str, value: &str) -> Vec<OrganizationView<'_>> {
        let organizations = self.snapshot.organizations_by_identifier(scheme, value);
        organizations.filter_map(|record| self.see_organization(record)).collect()
    }

    fn see_organization<'a>(&'a self, record: &'a Organization) -> Option<OrganizationView<'a>> {
        let is_visible = self.viewer == super::Viewer::Reviewer || record.is_public();
        is_visible.then_some(OrganizationView { view: self, record })
    }
}

impl<'a> OrganizationView<'a> {
    /// The view that the organization was found in.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Next organization up the tree.
    pub fn parent(&self) -> Option<OrganizationView<'a>> {
        self.view.organization(self.record.parent_id?)
    }

    /// Organizations above this one, the nearest first; at most [`MAX_DEPTH`].
    pub fn ancestors(&self) -> impl Iterator<Item = OrganizationView<'a>> {
        std::iter::successors(self.parent(), OrganizationView::parent).take(MAX_DEPTH)
    }

    /// Authority that founded the institution, or else the nearest one above it.
    pub fn authority(&self) -> Option<OrganizationView<'a>> {
        let founder = self.record.founder_id.and_then(|id| self.view.organization(id));
        founder.or_else(|| self.ancestors().find(|above| above.kind == Kind::Authority))
    }

    /// Organizations right below this one.
    pub fn children(&self) -> Selection {
        self.view.visible_organizations(&self.view.snapshot.organization_children.of(self.record.id))
    }

    /// Institutions that the authority founded or that stand right below it.
    pub fn institutions(&self) -> Selection {
        let snapshot = &self.view.snapshot;
        let below = snapshot.organization_children.of(self.record.id) & &*snapshot.institutions;
        self.view.visible_organizations(&(below | snapshot.founded.of(self.record.id)))
    }

    /// Pages that the organization keeps, alone or together with others.
    pub fn pages(&self) -> Selection {
        self.view.visible_pages(&self.view.snapshot.owned_pages.of(self.record.id))
    }

    /// Territory that the organization works in.
    pub fn territory(&self) -> Option<TerritoryView<'a>> {
        self.view.territory(self.record.territory_id?)
    }

    /// Field of work of the institution.
    pub fn sector(&self) -> Option<SectorView<'a>> {
        self.view.sector_by_code(self.record.sector.as_deref()?)
    }

    /// Organizations that followed this one when it was merged or split.
    pub fn successors(&self) -> Vec<OrganizationView<'a>> {
        self.record.successors.iter().filter_map(|id| self.view.organization(*id)).collect()
    }
}

impl Deref for OrganizationView<'_> {
    type Target = Organization;

    fn deref(&self) -> &Organization {
        self.record
    }
}
