//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["organizationsByIdentifier"]).and(&[
        FieldPolicy::new("organization", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("organizations", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
        FieldPolicy::new("organizationsByCodes", Kinds::REGISTRY).items(Items::Argument("codes")),
        FieldPolicy::new("identifierSchemes", Kinds::REFERENCE).items(Items::Times(12)),
    ]),
    TypePolicy::new(
        "IdentifierScheme",
        Kinds::REFERENCE,
        &["code", "name", "pattern", "hasCheckDigit", "isUnique", "updatedAt"],
    ),
    of_any_kind("Organization"),
    of_any_kind("Authority"),
    of_any_kind("Institution"),
    TypePolicy::new("OrganizationConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("OrganizationEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("OrganizationIdentifier", Kinds::REGISTRY, &["schemeCode", "value", "state"]),
    TypePolicy::new("OrganizationName", Kinds::REGISTRY, &["name", "kind", "language", "since", "until"]),
];

/// The fields that the interface and its types have in common.
const fn of_any_kind(name: &'static str) -> TypePolicy {
    TypePolicy::new(name, Kinds::REGISTRY, COMMON).and(COMMON_OTHER)
}

const COMMON: &[&str] = &[
    "id",
    "code",
    "kind",
    "name",
    "shortName",
    "statistics",
    "status",
    "territory",
    "parent",
    "website",
    "validFrom",
    "validTo",
    "isBackdated",
    "mergedInto",
    "obligation",
    "source",
    "createdAt",
    "updatedAt",
];

const COMMON_OTHER: &[FieldPolicy] = &[
    // Most organizations have none or one.
    FieldPolicy::new("otherNames", Kinds::REGISTRY).items(Items::Times(2)),
    FieldPolicy::new("identifiers", Kinds::REGISTRY).items(Items::Times(2)),
    FieldPolicy::new("fieldSources", Kinds::REGISTRY).items(Items::Times(1)),
    FieldPolicy::new("successors", Kinds::REGISTRY).items(Items::Times(2)),
    FieldPolicy::new("predecessors", Kinds::REGISTRY).items(Items::Times(2)),
    // Institution, agency, ministry, government.
    FieldPolicy::new("ancestors", Kinds::REGISTRY).items(Items::Times(3)),
    FieldPolicy::new("children", Kinds::REGISTRY).arguments(&[
        ArgumentCost::of_each("filter", 30),
        ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 60),
    ]),
    FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 30)]),
    FieldPolicy::new("history", Kinds::REGISTRY).waits(),
];
