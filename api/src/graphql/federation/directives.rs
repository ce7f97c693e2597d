//! Directives of federation in the printed schema.

use async_graphql::registry::{MetaField, MetaType, Registry};

use super::{cost, representation::KEYS};
use crate::graphql::kit::field_policy::TypePolicy;

/// Tag of what a contract of a router may show to everyone: all of the subgraph, as it is all in the public schema.
const PUBLIC: &str = "public";

/// Adds `@key` to all types of entities, `@tag` to everything, and the declared costs. For the printed schema only: the library
/// resolves `_entities` itself in a schema that has keys.
pub fn add_directives(registry: &mut Registry, policies: impl Iterator<Item = &'static TypePolicy>) {
    for (name, keys) in KEYS {
        keys.iter().for_each(|key| registry.add_keys(name, key.names()));
    }
    registry.types.values_mut().for_each(tag);
    cost::add(registry, policies);
}

/// Tags a type. Objects and interfaces are tagged field by field, since the tag of a type also holds for the fields that
/// other subgraphs add to it.
fn tag(of: &mut MetaType) {
    match of {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
            fields.values_mut().for_each(tag_field);
        }
        MetaType::Scalar { tags, .. }
        | MetaType::Union { tags, .. }
        | MetaType::Enum { tags, .. }
        | MetaType::InputObject { tags, .. } => tags.push(PUBLIC.to_owned()),
    }
}

fn tag_field(field: &mut MetaField) {
    field.tags.push(PUBLIC.to_owned());
    field.args.values_mut().for_each(|argument| argument.tags.push(PUBLIC.to_owned()));
}
