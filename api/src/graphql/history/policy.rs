//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use super::window::MAX_CHANGES;
use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("changes", Kinds::NONE)
            .cost(10)
            .max_first(MAX_CHANGES)
            .arguments(&[ArgumentCost::of_each("filter", 100)])
            .waits(),
        FieldPolicy::new("registryDigest", Kinds::ALL)
            .cost(50)
            .arguments(&[ArgumentCost::of_each("seq", 5_000)])
            .waits(),
    ]),
    TypePolicy::new("Subscription", Kinds::REGISTRY, &[]).and(&[FieldPolicy::new(
        "changes",
        Kinds::REGISTRY,
    )
    .cost(10)
    .max_first(MAX_CHANGES)
    .arguments(&[ArgumentCost::of_each("filter", 100)])
    .waits()]),
    TypePolicy::new(
        "Change",
        Kinds::NONE,
        &["seq", "at", "kind", "subjectType", "subjectId", "isRemoval", "role", "reason"],
    )
    .and(&[
        FieldPolicy::new("subject", Kinds::REGISTRY),
        FieldPolicy::new("platform", Kinds::REGISTRY),
        FieldPolicy::new("territory", Kinds::REGISTRY),
        FieldPolicy::new("formerTerritory", Kinds::REGISTRY),
    ]),
    TypePolicy::new("ChangeConnection", Kinds::NONE, &["edges", "nodes", "pageInfo", "epoch", "seq"])
        // Receipts are signed between changes.
        .and(&[FieldPolicy::new("receipt", Kinds::NONE).depends_on_time()]),
    TypePolicy::new("ChangeEdge", Kinds::NONE, &["node", "cursor"]),
    TypePolicy::new("FieldChange", Kinds::REGISTRY, &["field", "before", "after"]),
    TypePolicy::new(
        "HistoryEntry",
        Kinds::REGISTRY,
        &["at", "kind", "role", "reason", "isRemoval", "fields"],
    )
    .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
    TypePolicy::new("HistoryEntryConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("HistoryEntryEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("Receipt", Kinds::REGISTRY, &["registry", "hash", "at", "publicKey", "signature"])
        .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
    TypePolicy::new("RecordDigest", Kinds::REGISTRY, &["count", "digest"]),
    TypePolicy::new("RegistryDigest", Kinds::REGISTRY, &["pages", "organizations"])
        .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
];
