//! Cost and dependencies of each field.

use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("fieldUnpin", Kinds::ALL).cost(10).personal().needs(&[Scope::Write])]),
    TypePolicy::new("FieldSource", Kinds::REGISTRY, &["field", "rank", "source", "at"]),
    TypePolicy::new("FieldUnpinError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("FieldUnpinPayload", Kinds::REGISTRY, &["subject", "userErrors"])
        .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
];
