//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["pageByNativeId"]).and(&[
        FieldPolicy::new("page", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 40)]),
        FieldPolicy::new("pagesByNativeIds", Kinds::REGISTRY).items(Items::Argument("nativeIds")),
    ]),
    TypePolicy::new(
        "Page",
        Kinds::REGISTRY,
        &[
            "id",
            "number",
            "url",
            "platform",
            "platformCode",
            "nativeId",
            "handle",
            "title",
            "pageType",
            "owner",
            "territory",
            "officeTitle",
            "languages",
            "category",
            "lifecycle",
            "availability",
            "mark",
            "widget",
            "statistics",
            "source",
            "registeredAt",
            "validFrom",
            "isBackdated",
            "createdAt",
            "updatedAt",
        ],
    )
    .and(&[
        // Most pages have none.
        FieldPolicy::new("aliases", Kinds::REGISTRY).items(Items::Times(1)),
        FieldPolicy::new("coOwners", Kinds::REGISTRY).items(Items::Times(2)),
        FieldPolicy::new("history", Kinds::REGISTRY).waits(),
    ]),
    TypePolicy::new("PageAlias", Kinds::REGISTRY, &["handle", "kind", "since", "until"]),
    TypePolicy::new("PageConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("PageEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("PageMark", Kinds::REGISTRY, &["state", "method", "at"]),
];
