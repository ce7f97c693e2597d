//! Cost and dependencies of each field.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::TypePolicy;

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] =
    &[TypePolicy::new("GroupKey", Kinds::REFERENCE, &["dimension", "code", "name", "territory"])];
