//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::TypePolicy;

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &["platform", "platforms"]),
    TypePolicy::new(
        "Platform",
        Kinds::REGISTRY,
        &["id", "code", "name", "website", "status", "metrics", "markMethods", "updatedAt"],
    ),
];
