//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("authority", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("authorities", Kinds::REGISTRY)
            .arguments(&[ArgumentCost::of_each("filter", 40), ArgumentCost::of_each("orderBy", 80)]),
    ]),
    TypePolicy::new(
        "Authority",
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
            "level",
            "branch",
        ],
    )
    .and(&[
        FieldPolicy::new("children", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
        FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
        FieldPolicy::new("history", Kinds::REGISTRY).waits(),
        FieldPolicy::new("institutions", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
    ]),
    TypePolicy::new("AuthorityConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("AuthorityEdge", Kinds::REGISTRY, &["node", "cursor"]),
];
