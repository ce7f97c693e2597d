//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["organizationsByIdentifier"]),
    of_any_kind("Organization"),
    of_any_kind("Authority"),
    of_any_kind("Institution"),
    TypePolicy::new("OrganizationConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("OrganizationEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("OrganizationIdentifier", Kinds::REGISTRY, &["scheme", "value", "state"]),
    TypePolicy::new("OrganizationName", Kinds::REGISTRY, &["name", "kind", "language", "since", "until"]),
];

/// The fields that the interface and its types have in common.
const fn of_any_kind(name: &'static str) -> TypePolicy {
    TypePolicy::new(name, Kinds::REGISTRY, COMMON).and(COMMON_OTHER)
}

const COMMON: &[&str] = &[
    "id",
    "code",
    "name",
    "shortName",
    "otherNames",
    "identifiers",
    "statistics",
    "status",
    "territory",
    "parent",
    "ancestors",
    "website",
    "validFrom",
    "validTo",
    "isBackdated",
    "successors",
    "predecessors",
    "mergedInto",
    "obligation",
    "source",
    "createdAt",
    "updatedAt",
];

const COMMON_OTHER: &[FieldPolicy] = &[
    FieldPolicy::new("children", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
    FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
    FieldPolicy::new("history", Kinds::REGISTRY).waits(),
];
