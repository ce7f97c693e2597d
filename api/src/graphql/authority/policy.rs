//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("authority", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("authorities", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
    ]),
    // The fields of any organization are declared with the interface.
    TypePolicy::new("Authority", Kinds::REGISTRY, &["level", "branch"]).and(&[FieldPolicy::new(
        "institutions",
        Kinds::REGISTRY,
    )
    .arguments(&[
        ArgumentCost::of_each("filter", 30),
        ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 60),
    ])]),
    TypePolicy::new("AuthorityConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("AuthorityEdge", Kinds::REGISTRY, &["node", "cursor"]),
];
