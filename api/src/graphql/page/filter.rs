//! Filter and order of lists of pages.

use async_graphql::{Enum, InputObject};
use registry::{
    snapshot::{Dimension, Filter, Selection},
    view::View,
};

use super::object::{MarkState, Page, PageAvailability, PageCategory, PageLifecycle, WidgetState};
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::Result,
    kit::{
        connection::{Connection, List},
        filter::{Clauses, CodeKind, DateRange},
    },
    organization::{OfOrganization, OrganizationKind, OrganizationStatus},
};

/// Conditions that pages must meet, all of them; a list is met by any of its values, at most 100.
#[derive(Clone, Default, InputObject)]
pub struct PageFilter {
    /// Codes of platforms that the page is on.
    pub platforms: Option<Vec<String>>,
    /// Codes of territories that the owner works in, with all territories in them.
    pub territories: Option<Vec<String>>,
    /// Kinds of owners.
    pub owner_kinds: Option<Vec<OrganizationKind>>,
    /// Levels of power of the owner; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of power of the owner; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors of the owner.
    pub sectors: Option<Vec<String>>,
    /// Stages of the owner's life.
    pub owner_statuses: Option<Vec<OrganizationStatus>>,
    /// Codes of organizations that own the page, or that stand above its owner or founded it.
    pub owners_below: Option<Vec<String>>,
    /// Stages of the page's life.
    pub lifecycles: Option<Vec<PageLifecycle>>,
    /// What the last check of the page's address found.
    pub availabilities: Option<Vec<PageAvailability>>,
    /// States of the page's mark.
    pub marks: Option<Vec<MarkState>>,
    /// States of the page's feedback widget.
    pub widgets: Option<Vec<WidgetState>>,
    /// How much the owner does with the page.
    pub categories: Option<Vec<PageCategory>>,
    /// Days of the page's registration.
    pub registered_on: Option<DateRange>,
    /// Days of the page's last post.
    pub last_post_on: Option<DateRange>,
    /// Whether the page has ever posted, as far as is known.
    pub has_posted: Option<bool>,
    /// Whether the page is one of an office, such as that of a mayor.
    pub of_office: Option<bool>,
}

/// Order of a list of pages.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::snapshot::PageOrder")]
pub enum PageOrder {
    /// In the order of entry into the registry.
    Entry,
    /// By title, in the order of the Russian alphabet and numbers by their value.
    Title,
    /// The last registered first.
    Newest,
    /// The first registered first.
    Oldest,
    /// Most subscribers first; pages without figures last.
    MostSubscribers,
}

impl PageFilter {
    /// Checks the filter against the registry.
    ///
    /// # Errors
    /// When a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        use entities::{organization, page};
        let mut clauses = Clauses::new(view);
        clauses.codes("platforms", &self.platforms, CodeKind::Platform)?;
        let of_owner = OfOrganization {
            kinds: ("ownerKinds", &self.owner_kinds),
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            below: ("ownersBelow", &self.owners_below),
        };
        of_owner.add_to(&mut clauses)?;
        let status = |it| organization::Status::from(it) as u32;
        clauses.members("ownerStatuses", Dimension::Status, &self.owner_statuses, status)?;
        let lifecycle = |it| page::Lifecycle::from(it) as u32;
        clauses.members("lifecycles", Dimension::Lifecycle, &self.lifecycles, lifecycle)?;
        let availability = |it| page::Availability::from(it) as u32;
        clauses.members("availabilities", Dimension::Availability, &self.availabilities, availability)?;
        clauses.members("marks", Dimension::Mark, &self.marks, |it| page::Mark::from(it) as u32)?;
        clauses.members("widgets", Dimension::Widget, &self.widgets, |it| page::Widget::from(it) as u32)?;
        clauses.members("categories", Dimension::Category, &self.categories, |it| {
            page::Category::from(it) as u32
        })?;
        clauses.days("registeredOn", Dimension::RegisteredOn, self.registered_on)?;
        clauses.days("lastPostOn", Dimension::LastPostOn, self.last_post_on)?;
        clauses.flag(Dimension::HasPosted, 1, self.has_posted);
        clauses.flag(Dimension::OfOffice, 1, self.of_office);
        Ok(clauses.finish())
    }
}

/// Window of a list of pages.
///
/// # Errors
/// When `first` is out of bounds, or the cursor is none of this list.
pub fn listed<'a>(
    name: &str,
    view: &'a View,
    pages: Selection,
    filter: &Filter,
    order: PageOrder,
    first: i32,
    after: Option<String>,
) -> Result<Connection<Page<'a>>> {
    let order = order.into();
    let window = |after, count| view.page_window(&pages, order, after, count);
    List::new(name, filter, order).connection(first, after, window, |id| view.page(id).map(Page))
}
