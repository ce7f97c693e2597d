//! The interface over authorities and institutions.

#![allow(clippy::duplicated_attributes, reason = "each `field(…)` has a name and a type of its own")]

use async_graphql::{ContextSelectionSet, ID, Interface};
use entities::organization::Kind;
use registry::view::OrganizationView;

use super::{
    filter::{OrganizationFilter, OrganizationKind},
    object::{OrganizationIdentifier, OrganizationName, OrganizationStatus},
    order::OrganizationOrder,
};
use crate::graphql::{
    authority::Authority,
    coverage::Obligation,
    field_source::FieldSource,
    history::HistoryEntry,
    institution::Institution,
    kit::{
        connection::Connection,
        scalar::{Date, DateTime, Url},
        sequential::{ResolveFuture, ResolveSequentially, SequentialList, SequentialObject},
    },
    page::{Page, PageFilter, PageOrder},
    statistics::SumStatistics,
    territory::Territory,
};

/// Authority or institution.
#[derive(Interface)]
#[graphql(
    field(
        name = "id",
        ty = "ID",
        desc = "Global id of the organization; it never changes, not even with the kind of the organization."
    ),
    field(name = "code", ty = "&str", desc = "Stable code of the organization in this registry."),
    field(name = "kind", ty = "OrganizationKind", desc = "Kind of the organization."),
    field(name = "name", ty = "&str", desc = "Full official name of the organization."),
    field(
        name = "short_name",
        ty = "Option<&str>",
        desc = "Short official name of the organization; null if not set."
    ),
    field(
        name = "other_names",
        ty = "Vec<OrganizationName>",
        desc = "Other names of the organization; tens at most."
    ),
    field(
        name = "identifiers",
        ty = "Vec<OrganizationIdentifier>",
        desc = "Identifiers of the organization in official registers; tens at most."
    ),
    field(
        name = "statistics",
        ty = "SumStatistics<'a>",
        desc = "Statistics summed over the organization's pages."
    ),
    field(name = "status", ty = "OrganizationStatus", desc = "Lifecycle status of the organization."),
    field(
        name = "territory",
        ty = "Option<SequentialObject<Territory<'a>>>",
        desc = "Territory of the organization; null if not set."
    ),
    field(
        name = "parent",
        ty = "Option<SequentialObject<Organization<'a>>>",
        desc = "Parent organization; null if there is none."
    ),
    field(
        name = "ancestors",
        ty = "SequentialList<Organization<'a>>",
        desc = "Ancestors of the organization, nearest first; at most 10."
    ),
    field(
        name = "children",
        ty = "SequentialObject<Connection<Organization<'a>>>",
        desc = "Organizations whose parent is this one.",
        arg(
            name = "filter",
            ty = "Option<OrganizationFilter>",
            desc = "Conditions that the organizations must meet."
        ),
        arg(
            name = "order_by",
            ty = "OrganizationOrder",
            default_with = "OrganizationOrder::default()",
            desc = "Order of the list."
        ),
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100."
        ),
        arg(name = "after", ty = "Option<String>", desc = "Return items after this cursor; with `first`."),
        arg(name = "last", ty = "Option<i32>", desc = "Number of items from the end, from 1 to 100."),
        arg(name = "before", ty = "Option<String>", desc = "Return items before this cursor; with `last`.")
    ),
    field(
        name = "pages",
        ty = "SequentialObject<Connection<Page<'a>>>",
        desc = "Pages that the organization owns or co-owns.",
        arg(name = "filter", ty = "Option<PageFilter>", desc = "Conditions that the pages must meet."),
        arg(
            name = "order_by",
            ty = "PageOrder",
            default_with = "PageOrder::default()",
            desc = "Order of the list."
        ),
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100."
        ),
        arg(name = "after", ty = "Option<String>", desc = "Return items after this cursor; with `first`."),
        arg(name = "last", ty = "Option<i32>", desc = "Number of items from the end, from 1 to 100."),
        arg(name = "before", ty = "Option<String>", desc = "Return items before this cursor; with `last`.")
    ),
    field(name = "website", ty = "Option<Url>", desc = "Website of the organization; null if not set."),
    field(
        name = "valid_from",
        ty = "Option<Date>",
        desc = "First day of the organization according to its source (valid time); null if unknown."
    ),
    field(
        name = "valid_to",
        ty = "Option<Date>",
        desc = "Last day of the organization according to its source (valid time); null if unknown."
    ),
    field(
        name = "is_backdated",
        ty = "bool",
        desc = "Whether `validFrom` is before the registry's first record of the organization."
    ),
    field(
        name = "successors",
        ty = "SequentialList<Organization<'a>>",
        desc = "Organizations that succeeded this one; tens at most."
    ),
    field(
        name = "predecessors",
        ty = "SequentialList<Organization<'a>>",
        desc = "Organizations that this one succeeded; tens at most."
    ),
    field(
        name = "merged_into",
        ty = "Option<SequentialObject<Organization<'a>>>",
        desc = "Organization that this one was merged into; null if it was not merged."
    ),
    field(
        name = "obligation",
        ty = "Option<Obligation<'a>>",
        desc = "Obligations of the organization to have pages; null if no rule applies to it."
    ),
    field(
        name = "history",
        ty = "Connection<HistoryEntry<'a>>",
        desc = "History of the organization, newest entry first.",
        arg(name = "first", ty = "i32", default = 20, desc = "Number of items, from 1 to 100."),
        arg(name = "after", ty = "Option<String>", desc = "Return items after this cursor.")
    ),
    field(name = "source", ty = "&str", desc = "Name of the source of the record."),
    field(
        name = "field_sources",
        ty = "Vec<FieldSource>",
        desc = "Sources of the fields that are not of `source`, such as those that an operator corrected; at most 17."
    ),
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
    /// State or local government body.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
}

impl ResolveSequentially for Organization<'_> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Self::Authority(authority) => authority.resolve_sequentially(ctx),
            Self::Institution(institution) => institution.resolve_sequentially(ctx),
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
