//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{
    ArgumentCost, FieldPolicy, Items, RESTORED, TypePolicy, WITH_STATISTICS,
};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[FieldPolicy::new(
        "registryStatistics",
        Kinds::REGISTRY,
    )
    .cost(10)
    .arguments(&[
        ArgumentCost::of_each("filter", 30),
        ArgumentCost::of_each("groupBy", 300),
        ArgumentCost::of_each("asOf", RESTORED),
    ])
    .waits_with("asOf")]),
    TypePolicy::new(
        "Freshness",
        Kinds::REGISTRY,
        &["within7Days", "within30Days", "within90Days", "older", "never"],
    ),
    TypePolicy::new("LifecycleCount", Kinds::REGISTRY, &["lifecycle", "pages"]),
    TypePolicy::new("MarkCount", Kinds::REGISTRY, &["mark", "pages"]),
    TypePolicy::new(
        "PeriodChange",
        Kinds::REGISTRY,
        &["days", "pagesRegistered", "pagesArchived", "organizationsEntered", "organizationsEnded"],
    ),
    TypePolicy::new(
        "RegistryCounts",
        Kinds::REGISTRY,
        &[
            "keys",
            "organizations",
            "pages",
            "officialPages",
            "organizationsByStatus",
            "pagesByLifecycle",
            "pagesByMark",
            "pagesByWidget",
            "markedShare",
            "correctWidgetShare",
            "change",
        ],
    )
    .and(&[FieldPolicy::new("freshness", WITH_STATISTICS)]),
    TypePolicy::new("RegistryPoint", Kinds::REGISTRY, &["from", "to", "total", "isFinal"])
        .and(&[FieldPolicy::new("groups", Kinds::REGISTRY).items(Items::Times(20))]),
    TypePolicy::new("RegistryStatistics", Kinds::REGISTRY, &["total"]).and(&[
        FieldPolicy::new("groups", Kinds::REGISTRY).items(Items::Times(50)),
        FieldPolicy::new("series", Kinds::REGISTRY).cost(200).items(Items::Times(12)).waits(),
        FieldPolicy::new("computedAt", Kinds::REGISTRY).depends_on_time(),
        FieldPolicy::new("seq", Kinds::ALL),
    ]),
    TypePolicy::new("StatusCount", Kinds::REGISTRY, &["status", "organizations"]),
    TypePolicy::new("WidgetCount", Kinds::REGISTRY, &["widget", "pages"]),
];
