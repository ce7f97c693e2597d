//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["organizationsByIdentifier"]),
    TypePolicy::new(
        "Organization",
        Kinds::REGISTRY,
        &[
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
        ],
    )
    .and(&[
        FieldPolicy::new("children", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
        FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
        FieldPolicy::new("history", Kinds::REGISTRY).waits(),
    ]),
    TypePolicy::new("OrganizationConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("OrganizationEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("OrganizationIdentifier", Kinds::REGISTRY, &["scheme", "value", "state"]),
    TypePolicy::new("OrganizationName", Kinds::REGISTRY, &["name", "kind", "language", "since", "until"]),
];
