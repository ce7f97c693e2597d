//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["territory"]).and(&[
        FieldPolicy::new("regions", Kinds::REGISTRY).items(Items::Times(90)),
        FieldPolicy::new("territories", Kinds::REGISTRY).cost(2),
    ]),
    TypePolicy::new("TerritoryConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("TerritoryEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("ClassifierCode", Kinds::REGISTRY, &["scheme", "code"]),
    TypePolicy::new("Population", Kinds::REGISTRY, &["people", "date", "source"]),
    TypePolicy::new(
        "Territory",
        Kinds::REGISTRY,
        &[
            "id",
            "code",
            "kind",
            "name",
            "parent",
            "codes",
            "timeZone",
            "population",
            "coordinatingCentre",
            "statistics",
            "updatedAt",
        ],
    )
    .and(&[
        FieldPolicy::new("children", Kinds::REGISTRY).items(Items::Times(100)),
        FieldPolicy::new("authorities", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
        FieldPolicy::new("institutions", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
    ]),
];
