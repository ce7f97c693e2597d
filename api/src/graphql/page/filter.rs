//! Filter of lists of pages.

use async_graphql::{ID, InputObject};
use registry::{
    snapshot::{Dimension, Filter, Selection},
    view::View,
};

use super::{
    object::Page,
    order::PageOrder,
    state::{MarkState, PageAvailability, PageCategory, PageLifecycle, WidgetState},
};
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::Result,
    kit::{
        connection::{Connection, List},
        date_range::DateRange,
        filter::{Clauses, CodeKind, CountRange},
        part::Part,
        scalar::DateTime,
    },
    organization::{OfOrganization, OrganizationKind, OrganizationStatus},
};

/// Filter for pages: fields are combined with AND, the values of a list (1 to 100) with OR.
#[derive(Clone, Default, InputObject)]
pub struct PageFilter {
    /// Codes of platforms.
    pub platforms: Option<Vec<String>>,
    /// Codes of territories of the owner, including all territories in them.
    pub territories: Option<Vec<String>>,
    /// Kinds of owners.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Levels of government of the owner; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of government of the owner; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors of the owner.
    pub sectors: Option<Vec<String>>,
    /// Lifecycle statuses of the owner.
    pub statuses: Option<Vec<OrganizationStatus>>,
    /// Codes of organizations; matches pages owned by them or by organizations below them, by subordination or foundation.
    pub subtree_of: Option<Vec<String>>,
    /// Lifecycle stages of the page.
    pub lifecycles: Option<Vec<PageLifecycle>>,
    /// Results of the last check of the page's address.
    pub availabilities: Option<Vec<PageAvailability>>,
    /// States of the page's mark.
    pub marks: Option<Vec<MarkState>>,
    /// States of the page's feedback widget.
    pub widgets: Option<Vec<WidgetState>>,
    /// Categories of the page.
    pub categories: Option<Vec<PageCategory>>,
    /// Range of days of the page's registration, in the registry's time zone.
    pub registered_on: Option<DateRange>,
    /// Range of days of the page's last post, in the registry's time zone.
    pub last_post_on: Option<DateRange>,
    /// Whether a post of the page is known.
    pub has_posted: Option<bool>,
    /// Whether the page belongs to an office, such as that of a mayor.
    pub of_office: Option<bool>,
    /// Codes of organizations; matches pages owned by them, without those that they co-own.
    pub owners: Option<Vec<String>>,
    /// Permanent ids of pages on their platforms; matches pages of any platform.
    pub native_ids: Option<Vec<ID>>,
    /// Part of the page's title, at most 200 characters; case does not matter, and punctuation counts as a space.
    pub title: Option<String>,
    /// Range of the page's latest number of subscribers; pages without one do not match.
    pub subscribers: Option<CountRange>,
    /// Time since which the page has changed in the registry, to the second.
    pub updated_since: Option<DateTime>,
}

impl PageFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// If a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        use entities::{organization, page};
        let mut clauses = Clauses::new(view);
        clauses.codes("platforms", &self.platforms, CodeKind::Platform)?;
        let of_owner = OfOrganization {
            kinds: &self.kinds,
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            subtree_of: &self.subtree_of,
        };
        of_owner.add_to(&mut clauses)?;
        let status = |it| organization::Status::from(it) as u32;
        clauses.members("statuses", Dimension::Status, &self.statuses, status)?;
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
        clauses.codes("owners", &self.owners, CodeKind::Owner)?;
        clauses.native_ids("nativeIds", &self.native_ids)?;
        clauses.name("title", &self.title)?;
        clauses.counts("subscribers", Dimension::Subscribers, self.subscribers)?;
        clauses.updated_since(self.updated_since);
        Ok(clauses.finish())
    }
}

/// Connection over a list of pages.
///
/// # Errors
/// If the arguments of `part` are invalid, or its cursor is not of this list.
pub fn listed<'a>(
    name: &str,
    view: &'a View,
    pages: Selection,
    filter: &Filter,
    order: PageOrder,
    part: Part,
) -> Result<Connection<Page<'a>>> {
    let order: registry::snapshot::PageOrder = order.into();
    let window = |slice| view.page_window(&pages, order, slice);
    List::new(name, filter, order).connection(part, window, |id| view.page(id).map(Page))
}
