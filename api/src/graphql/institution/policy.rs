//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("institution", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("institutions", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
        FieldPolicy::new("sectors", Kinds::REFERENCE).items(Items::Times(20)),
    ]),
    // The fields of any organization are declared with the interface.
    TypePolicy::new("Institution", Kinds::REGISTRY, &["sector", "authority"]),
    TypePolicy::new("InstitutionConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("InstitutionEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("Sector", Kinds::REFERENCE, &["code", "name"]),
];
