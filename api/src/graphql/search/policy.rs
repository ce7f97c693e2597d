//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[FieldPolicy::new("search", Kinds::REGISTRY)
        .cost(10)
        .reads_search_index()
        .arguments(&[ArgumentCost::of_each_word("text", 160), ArgumentCost::of_each("filter", 100)])]),
    TypePolicy::new("SearchResult", Kinds::REGISTRY, &["item", "matchedBy", "score"]),
    TypePolicy::new(
        "SearchResultConnection",
        Kinds::REGISTRY,
        &["edges", "nodes", "pageInfo", "ignoredWords", "totalCount"],
    )
    .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
    TypePolicy::new("SearchResultEdge", Kinds::REGISTRY, &["node", "cursor"]),
];
