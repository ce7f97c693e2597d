//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{FieldPolicy, Items, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::NONE, &[]).and(&[
        FieldPolicy::new("_entities", Kinds::REGISTRY).items(Items::Argument("representations")),
        FieldPolicy::new("_service", Kinds::NONE).cost(100),
    ]),
    TypePolicy::new("_Service", Kinds::NONE, &["sdl"]),
    TypePolicy::new("PlatformAccount", Kinds::REGISTRY, &["platformCode", "nativeId", "verdict", "page"]),
];
