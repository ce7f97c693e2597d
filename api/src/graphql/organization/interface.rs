//! The interface over authorities and institutions.

#![allow(clippy::duplicated_attributes, reason = "each `field(…)` has a name and a type of its own")]

use async_graphql::{ContextSelectionSet, ID, Interface};
use entities::organization::Kind;
use registry::view::OrganizationView;

use super::{
    filter::{OrganizationFilter, OrganizationOrder},
    object::{OrganizationIdentifier, OrganizationName, OrganizationStatus},
};
use crate::graphql::{
    authority::Authority,
    coverage::Obligation,
    history::HistoryEntry,
    institution::Institution,
    kit::{
        connection::Connection,
        scalar::{Date, DateTime, Url},
        sequential::{Answer, InTurn, Items, Ready},
    },
    page::{Page, PageFilter, PageOrder},
    statistics::SumStatistics,
    territory::Territory,
};

/// Authority or institution: whoever keeps pages.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Global id of the organization."),
    field(name = "code", ty = "&str", desc = "Stable code of the organization in this registry."),
    field(name = "name", ty = "&str", desc = "Full official name of the organization."),
    field(name = "short_name", ty = "Option<&str>", desc = "Short official name of the organization."),
    field(
        name = "other_names",
        ty = "Vec<OrganizationName>",
        desc = "Other names of the organization; tens at most."
    ),
    field(
        name = "identifiers",
        ty = "Vec<OrganizationIdentifier>",
        desc = "Numbers of the organization in registers; tens at most."
    ),
    field(
        name = "statistics",
        ty = "SumStatistics<'a>",
        desc = "Figures of the organization's pages, summed up."
    ),
    field(name = "status", ty = "OrganizationStatus", desc = "Stage of the organization's life."),
    field(
        name = "territory",
        ty = "Option<Territory<'a>>",
        desc = "Territory that the organization works in."
    ),
    field(
        name = "parent",
        ty = "Option<Ready<Organization<'a>>>",
        desc = "Organization right above this one."
    ),
    field(
        name = "ancestors",
        ty = "Items<Organization<'a>>",
        desc = "Organizations above this one, the nearest first; at most 10."
    ),
    field(
        name = "children",
        ty = "Ready<Connection<Organization<'a>>>",
        desc = "Organizations right below this one.",
        arg(
            name = "filter",
            ty = "Option<OrganizationFilter>",
            desc = "Conditions that the organizations must meet."
        ),
        arg(
            name = "order_by",
            ty = "OrganizationOrder",
            default_with = "OrganizationOrder::Entry",
            desc = "Order of the list."
        ),
        arg(name = "first", ty = "i32", default = 20, desc = "Number of items, from 1 to 100."),
        arg(name = "after", ty = "Option<String>", desc = "Cursor to go on after.")
    ),
    field(
        name = "pages",
        ty = "Ready<Connection<Page<'a>>>",
        desc = "Pages that the organization keeps, alone or together with others.",
        arg(name = "filter", ty = "Option<PageFilter>", desc = "Conditions that the pages must meet."),
        arg(
            name = "order_by",
            ty = "PageOrder",
            default_with = "PageOrder::Entry",
            desc = "Order of the list."
        ),
        arg(name = "first", ty = "i32", default = 20, desc = "Number of items, from 1 to 100."),
        arg(name = "after", ty = "Option<String>", desc = "Cursor to go on after.")
    ),
    field(name = "website", ty = "Option<Url>", desc = "Web site of the organization."),
    field(
        name = "valid_from",
        ty = "Option<Date>",
        desc = "First day of the organization as its source says."
    ),
    field(name = "valid_to", ty = "Option<Date>", desc = "Last day of the organization as its source says."),
    field(
        name = "is_backdated",
        ty = "bool",
        desc = "Whether `validFrom` lies before the registry's first record of the organization."
    ),
    field(
        name = "successors",
        ty = "Items<Organization<'a>>",
        desc = "Organizations that followed this one; tens at most."
    ),
    field(
        name = "predecessors",
        ty = "Items<Organization<'a>>",
        desc = "Organizations that this one followed; tens at most."
    ),
    field(
        name = "merged_into",
        ty = "Option<Ready<Organization<'a>>>",
        desc = "Organization that goes on where this one was merged."
    ),
    field(
        name = "obligation",
        ty = "Option<Obligation<'a>>",
        desc = "Obligations of the organization to keep pages; null where no rule names it."
    ),
    field(
        name = "history",
        ty = "Connection<HistoryEntry<'a>>",
        desc = "History of the organization, the newest step first.",
        arg(name = "first", ty = "i32", default = 20, desc = "Number of items, from 1 to 100."),
        arg(name = "after", ty = "Option<String>", desc = "Cursor to go on after.")
    ),
    field(name = "source", ty = "&str", desc = "Name of the source that the record came from."),
    field(
        name = "created_at",
        ty = "DateTime",
        desc = "Timestamp of the organization's entry into the registry."
    ),
    field(
        name = "updated_at",
        ty = "DateTime",
        desc = "Timestamp of the organization's last change in the registry."
    )
)]
pub enum Organization<'a> {
    /// Body of state or local power.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
}

impl InTurn for Organization<'_> {
    fn in_turn<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> Answer<'a> {
        match self {
            Self::Authority(authority) => authority.in_turn(ctx),
            Self::Institution(institution) => institution.in_turn(ctx),
        }
    }
}

impl<'a> From<OrganizationView<'a>> for Organization<'a> {
    fn from(view: OrganizationView<'a>) -> Self {
        match view.kind {
            Kind::Authority => Self::Authority(view.into()),
            Kind::Institution => Self::Institution(view.into()),
        }
    }
}
