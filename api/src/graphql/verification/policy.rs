//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("verifyPage", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("verifyPages", Kinds::REGISTRY)
            .items(Items::Argument("urls"))
            .arguments(&[ArgumentCost::of_each("urls", 5)]),
    ]),
    TypePolicy::new(
        "PageVerification",
        Kinds::REGISTRY,
        &[
            "url",
            "verdict",
            "reason",
            "page",
            "matchedBy",
            "canonicalUrl",
            "embeddedPage",
            "embeddedUrl",
            "embeddedReason",
            "backdatedPage",
            "recordsSince",
        ],
    )
    .and(&[
        FieldPolicy::new("lookalikes", Kinds::REGISTRY).cost(1),
        FieldPolicy::new("computedAt", Kinds::REGISTRY).depends_on_time(),
        FieldPolicy::new("seq", Kinds::ALL),
    ]),
];
