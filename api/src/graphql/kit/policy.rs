//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use super::field_policy::TypePolicy;

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[TypePolicy::new(
    "PageInfo",
    Kinds::NONE,
    &["hasPreviousPage", "hasNextPage", "startCursor", "endCursor"],
)];
