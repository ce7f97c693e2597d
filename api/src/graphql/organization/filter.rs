//! Filter of lists of organizations.

use async_graphql::{Enum, InputObject};
use registry::{
    snapshot::{Dimension, Filter, Selection},
    view::{ObligationStatus, OrganizationView, View},
};

use super::{object::OrganizationStatus, order::OrganizationOrder};
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    coverage::ObligationState,
    error::Result,
    kit::{
        connection::{Connection, List},
        date_range::DateRange,
        filter::{Clauses, CodeKind},
        part::Part,
        scalar::DateTime,
    },
};

/// Kind of an organization.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Kind")]
pub enum OrganizationKind {
    /// State or local government body.
    Authority,
    /// Body that an authority founded or that is subordinate to it.
    Institution,
}

/// Filter for organizations: fields are combined with AND, the values of a list (1 to 100) with OR.
#[derive(Clone, Default, InputObject)]
pub struct OrganizationFilter {
    /// Kinds of organizations.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Codes of territories of the organization, including all territories in them.
    pub territories: Option<Vec<String>>,
    /// Levels of government; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of government; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: Option<Vec<String>>,
    /// Lifecycle statuses of the organization.
    pub statuses: Option<Vec<OrganizationStatus>>,
    /// Codes of organizations; matches them and all organizations below them, by subordination or foundation.
    pub subtree_of: Option<Vec<String>>,
    /// Codes of platforms; matches organizations with an official page on any of them.
    pub platforms: Option<Vec<String>>,
    /// Codes of platforms; matches organizations with an official page on none of them.
    pub not_on_platforms: Option<Vec<String>>,
    /// Whether the organization has an official page on any platform.
    pub has_page: Option<bool>,
    /// Range of days of the organization's entry into the registry, in the registry's time zone.
    pub created_on: Option<DateRange>,
    /// Whether the organization complies with its obligations, as `obligation.state` says; organizations without
    /// obligations do not match.
    pub obligations: Option<Vec<ObligationState>>,
    /// Part of any of the organization's names, at most 200 characters; case does not matter, and punctuation counts as a space.
    pub name: Option<String>,
    /// Time since which the organization has changed in the registry, to the second.
    pub updated_since: Option<DateTime>,
}

impl OrganizationFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// If a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        let mut clauses = Clauses::new(view);
        let of_organization = OfOrganization {
            kinds: &self.kinds,
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            subtree_of: &self.subtree_of,
        };
        of_organization.add_to(&mut clauses)?;
        let status = |it| entities::organization::Status::from(it) as u32;
        clauses.members("statuses", Dimension::Status, &self.statuses, status)?;
        clauses.codes("platforms", &self.platforms, CodeKind::HasPageOn)?;
        clauses.no_codes("notOnPlatforms", &self.not_on_platforms, CodeKind::HasPageOn)?;
        clauses.flag(Dimension::HasPageOn, 0, self.has_page);
        clauses.days("createdOn", Dimension::CreatedOn, self.created_on)?;
        let obligation = |it| ObligationStatus::from(it) as u32;
        clauses.members("obligations", Dimension::Obligation, &self.obligations, obligation)?;
        clauses.name("name", &self.name)?;
        clauses.updated_since(self.updated_since);
        Ok(clauses.finish())
    }
}

/// Conditions on an organization or on the owner of a page.
pub struct OfOrganization<'a> {
    /// Kinds.
    pub kinds: &'a Option<Vec<OrganizationKind>>,
    /// Codes of territories.
    pub territories: &'a Option<Vec<String>>,
    /// Levels of government.
    pub levels: &'a Option<Vec<AuthorityLevel>>,
    /// Branches of government.
    pub branches: &'a Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: &'a Option<Vec<String>>,
    /// Codes of organizations, each with all organizations below it.
    pub subtree_of: &'a Option<Vec<String>>,
}

impl OfOrganization<'_> {
    /// Adds the conditions.
    ///
    /// # Errors
    /// If a code is unknown, or a list is empty or too long: the message names the field.
    pub fn add_to(&self, clauses: &mut Clauses<'_>) -> Result<()> {
        use entities::organization::{Branch, Kind, Level};
        clauses.codes("territories", self.territories, CodeKind::Territory)?;
        clauses.members("kinds", Dimension::Kind, self.kinds, |it| Kind::from(it) as u32)?;
        clauses.members("levels", Dimension::Level, self.levels, |it| Level::from(it) as u32)?;
        clauses.members("branches", Dimension::Branch, self.branches, |it| Branch::from(it) as u32)?;
        clauses.codes("sectors", self.sectors, CodeKind::Sector)?;
        clauses.codes("subtreeOf", self.subtree_of, CodeKind::Organization)
    }
}

/// Connection over a list of organizations, each as the GraphQL type `Node`.
///
/// # Errors
/// If the arguments of `part` are invalid, or its cursor is not of this list.
pub fn listed<'a, Node: From<OrganizationView<'a>>>(
    name: &str,
    view: &'a View,
    organizations: Selection,
    filter: &Filter,
    order: OrganizationOrder,
    part: Part,
) -> Result<Connection<Node>> {
    let order: registry::snapshot::OrganizationOrder = order.into();
    let window = |slice| view.organization_window(&organizations, order, slice);
    List::new(name, filter, order).connection(part, window, |id| view.organization(id).map(Node::from))
}
