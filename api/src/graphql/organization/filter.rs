//! Filter and order of lists of organizations.

use async_graphql::{Enum, InputObject};
use registry::{
    snapshot::{Dimension, Filter, Selection},
    view::{OrganizationView, View},
};

use super::object::OrganizationStatus;
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::Result,
    kit::{
        connection::{Connection, List},
        filter::{Clauses, CodeKind, DateRange},
    },
};

/// Kind of an organization.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Kind")]
pub enum OrganizationKind {
    /// Body of state or local power.
    Authority,
    /// Body that an authority founded or that is subordinate to it.
    Institution,
}

/// Conditions that organizations must meet, all of them; a list is met by any of its values, at most 100.
#[derive(Clone, Default, InputObject)]
pub struct OrganizationFilter {
    /// Kinds of organizations.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Codes of territories that the organization works in, with all territories in them.
    pub territories: Option<Vec<String>>,
    /// Levels of power; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of power; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: Option<Vec<String>>,
    /// Stages of the organization's life.
    pub statuses: Option<Vec<OrganizationStatus>>,
    /// Codes of organizations; they and all below them, by subordination or foundation, pass.
    pub below: Option<Vec<String>>,
    /// Codes of platforms, on any of which the organization has an official page.
    pub has_page_on: Option<Vec<String>>,
    /// Codes of platforms, on none of which the organization has an official page.
    pub has_no_page_on: Option<Vec<String>>,
    /// Whether the organization has an official page on any platform.
    pub has_page: Option<bool>,
    /// Days of the organization's entry into the registry.
    pub created_on: Option<DateRange>,
}

/// Order of a list of organizations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::snapshot::OrganizationOrder")]
pub enum OrganizationOrder {
    /// In the order of entry into the registry.
    Entry,
    /// By name, in the order of the Russian alphabet and numbers by their value.
    Name,
}

impl OrganizationFilter {
    /// Checks the filter against the registry.
    ///
    /// # Errors
    /// When a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        let mut clauses = Clauses::new(view);
        let of_organization = OfOrganization {
            kinds: ("kinds", &self.kinds),
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            below: ("below", &self.below),
        };
        of_organization.add_to(&mut clauses)?;
        let status = |it| entities::organization::Status::from(it) as u32;
        clauses.members("statuses", Dimension::Status, &self.statuses, status)?;
        clauses.codes("hasPageOn", &self.has_page_on, CodeKind::HasPageOn)?;
        clauses.no_codes("hasNoPageOn", &self.has_no_page_on, CodeKind::HasPageOn)?;
        clauses.flag(Dimension::HasPageOn, 0, self.has_page);
        clauses.days("createdOn", Dimension::CreatedOn, self.created_on)?;
        Ok(clauses.finish())
    }
}

/// Conditions on an organization, or on the owner of a page.
pub struct OfOrganization<'a> {
    /// Kinds, with the name of their field.
    pub kinds: (&'static str, &'a Option<Vec<OrganizationKind>>),
    /// Codes of territories.
    pub territories: &'a Option<Vec<String>>,
    /// Levels of power.
    pub levels: &'a Option<Vec<AuthorityLevel>>,
    /// Branches of power.
    pub branches: &'a Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: &'a Option<Vec<String>>,
    /// Codes of organizations above, with the name of their field.
    pub below: (&'static str, &'a Option<Vec<String>>),
}

impl OfOrganization<'_> {
    /// Adds the conditions.
    ///
    /// # Errors
    /// When a code is unknown, or a list is empty or too long: the message names the field.
    pub fn add_to(&self, clauses: &mut Clauses<'_>) -> Result<()> {
        use entities::organization::{Branch, Kind, Level};
        clauses.codes("territories", self.territories, CodeKind::Territory)?;
        clauses.members(self.kinds.0, Dimension::Kind, self.kinds.1, |it| Kind::from(it) as u32)?;
        clauses.members("levels", Dimension::Level, self.levels, |it| Level::from(it) as u32)?;
        clauses.members("branches", Dimension::Branch, self.branches, |it| Branch::from(it) as u32)?;
        clauses.codes("sectors", self.sectors, CodeKind::Sector)?;
        clauses.codes(self.below.0, self.below.1, CodeKind::Organization)
    }
}

/// Window of a list of organizations, each as the GraphQL type that the list is of.
///
/// # Errors
/// When `first` is out of bounds, or the cursor is none of this list.
pub fn listed<'a, Node: From<OrganizationView<'a>>>(
    name: &str,
    view: &'a View,
    organizations: Selection,
    filter: &Filter,
    order: OrganizationOrder,
    first: i32,
    after: Option<String>,
) -> Result<Connection<Node>> {
    let order = order.into();
    let window = |after, count| view.organization_window(&organizations, order, after, count);
    List::new(name, filter, order)
        .connection(first, after, window, |id| view.organization(id).map(Node::from))
}
