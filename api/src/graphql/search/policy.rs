//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Cost and dependencies of `search`.
const SEARCH: FieldPolicy = FieldPolicy::new("search", Kinds::REGISTRY)
    .cost(10)
    .reads_search_index()
    .arguments(&[ArgumentCost::of_each_word("text", 160), ArgumentCost::of_each("filter", 100)]);
/// The same field in the schema of the subgraph.
const REGISTRY_SEARCH: FieldPolicy = FieldPolicy { name: "registrySearch", ..SEARCH };

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[SEARCH, REGISTRY_SEARCH]),
    TypePolicy::new("RegistrySearchResult", Kinds::REGISTRY, &["item", "matchedBy", "score"]),
    TypePolicy::new(
        "RegistrySearchResultConnection",
        Kinds::REGISTRY,
        &["edges", "nodes", "pageInfo", "ignoredWords", "totalCount"],
    )
    .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
    TypePolicy::new("RegistrySearchResultEdge", Kinds::REGISTRY, &["node", "cursor"]),
];
