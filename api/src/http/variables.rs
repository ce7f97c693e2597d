//! Whether the values of variables are of the types that a document declares: what is left to check of a known document.

use async_graphql::{
    Value, Variables,
    registry::{MetaType, MetaTypeName, Registry},
};

use super::document::Variable;

/// Whether every variable has a value of its type. Says no when in doubt: the whole check then says what is wrong.
pub(super) fn fit(types: &Registry, declared: &[Variable], values: &Variables) -> bool {
    declared.iter().all(|variable| match values.get(&variable.name) {
        Some(value) => fits(types, &variable.kind, value),
        None => !variable.is_required,
    })
}

fn fits(types: &Registry, kind: &str, value: &Value) -> bool {
    match (MetaTypeName::create(kind), value) {
        (MetaTypeName::NonNull(_), Value::Null) => false,
        (MetaTypeName::NonNull(kind), value) => fits(types, kind, value),
        (_, Value::Null) => true,
        (MetaTypeName::List(kind), Value::List(items)) => items.iter().all(|item| fits(types, kind, item)),
        (MetaTypeName::List(kind), value) => fits(types, kind, value),
        (MetaTypeName::Named(kind), value) => fits_named(types, kind, value),
    }
}

fn fits_named(types: &Registry, kind: &str, value: &Value) -> bool {
    match (types.types.get(kind), value) {
        (Some(MetaType::Scalar { is_valid, .. }), value) => {
            is_valid.as_ref().is_none_or(|is_valid| is_valid(value))
        }
        (Some(MetaType::Enum { enum_values, .. }), Value::String(name)) => enum_values.contains_key(name),
        (Some(MetaType::InputObject { input_fields, oneof: false, .. }), Value::Object(fields)) => {
            fields.keys().all(|name| input_fields.contains_key(name.as_str()))
                && input_fields.values().all(|field| match fields.get(field.name.as_str()) {
                    Some(value) => fits(types, &field.ty, value),
                    None => !field.ty.ends_with('!') || field.default_value.is_some(),
                })
        }
        _ => false,
    }
}
