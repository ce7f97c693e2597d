//! Directives of federation in the printed schema.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::Field,
    registry::{MetaField, MetaType, Registry},
};

use super::{object::Entity, representation::KEYS};

/// Tag of what a contract of a router may show to everyone: all of the subgraph.
const PUBLIC: &str = "public";

/// `@key` of all types of entities, and `@tag` of everything. For the printed schema only: the library resolves `_entities`
/// itself in a schema that has keys.
pub struct Directives;

impl OutputType for Directives {
    fn type_name() -> Cow<'static, str> {
        Entity::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        for (name, keys) in KEYS {
            keys.iter().for_each(|key| registry.add_keys(name, key.names()));
        }
        registry.types.values_mut().for_each(tag);
        Self::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
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
