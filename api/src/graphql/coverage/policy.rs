//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, RESTORED, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["obligationRules"]).and(&[
        FieldPolicy::new("coverage", Kinds::REGISTRY)
            .cost(20)
            .arguments(&[
                ArgumentCost::of_each("filter", 30),
                ArgumentCost::of_each("groupBy", 100),
                ArgumentCost::of_each("asOf", RESTORED),
            ])
            .waits_with("asOf"),
        FieldPolicy::new("uncovered", Kinds::REGISTRY).arguments(&[
            ArgumentCost::of_each("filter", 40),
            ArgumentCost::of_each("orderBy", 80),
            ArgumentCost::of_member("orderBy", "DAYS_OVERDUE", 300),
        ]),
    ]),
    TypePolicy::new("Coverage", Kinds::REGISTRY, &["total"]).and(&[
        FieldPolicy::new("groups", Kinds::REGISTRY).items(Items::Times(50)),
        FieldPolicy::new("series", Kinds::REGISTRY).cost(200).items(Items::Times(12)).waits(),
        FieldPolicy::new("computedAt", Kinds::REGISTRY).depends_on_time(),
        FieldPolicy::new("seq", Kinds::ALL),
    ]),
    TypePolicy::new("CoveragePoint", Kinds::REGISTRY, &["from", "to", "total", "isFinal"])
        .and(&[FieldPolicy::new("groups", Kinds::REGISTRY).items(Items::Times(20))]),
    TypePolicy::new(
        "CoverageGroup",
        Kinds::REGISTRY,
        &["keys", "obliged", "exempt", "covered", "ratio", "platforms"],
    ),
    TypePolicy::new(
        "Exemption",
        Kinds::REGISTRY,
        &["rule", "reason", "basis", "decidedBy", "validFrom", "validTo"],
    ),
    TypePolicy::new("Obligation", Kinds::REGISTRY, &["state", "rules", "exemptions", "daysOverdue"]),
    TypePolicy::new(
        "ObligationRule",
        Kinds::REGISTRY,
        &[
            "id",
            "code",
            "name",
            "jurisdiction",
            "kinds",
            "levels",
            "branches",
            "sectors",
            "mode",
            "platforms",
            "basis",
            "validFrom",
            "validTo",
        ],
    ),
    TypePolicy::new("PlatformCoverage", Kinds::REGISTRY, &["platform", "covered", "ratio"]),
    TypePolicy::new("RuleStanding", Kinds::REGISTRY, &["rule", "state", "missingPlatforms", "daysOverdue"]),
];
