//! Variables: their default values, limits on their values, and their types when a cached document skips validation.

use async_graphql::{
    Name, Value, Variables,
    parser::types::VariableDefinition,
    registry::{MetaType, MetaTypeName, Registry},
};

use super::{
    argument_defaults::name_in_request,
    limit_error::LimitError,
    limits::Limits,
    null_representations::{self, REPRESENTATION},
    tokenizer::{MAX_NAME_BYTES, MAX_STRING_BYTES},
};
use crate::graphql::kit::scalar;

/// A variable as a document declares it.
pub(super) struct Variable {
    name: Name,
    /// Its type in GraphQL notation.
    kind: String,
    default: Option<Value>,
    /// Whether it must not be null, although its type is nullable.
    is_not_null: bool,
}

impl Variable {
    /// A declared variable; whether it must not be null, although its type is nullable.
    pub(super) fn new(declared: &VariableDefinition, is_not_null: bool) -> Self {
        Self {
            name: declared.name.node.clone(),
            kind: declared.var_type.node.to_string(),
            default: declared.default_value.as_ref().map(|value| value.node.clone()),
            is_not_null,
        }
    }

    /// Whether a request needs a value for it.
    fn is_required(&self) -> bool {
        self.is_non_null() && self.default.is_none()
    }

    fn is_non_null(&self) -> bool {
        self.kind.ends_with('!')
    }

    fn has_representations(&self) -> bool {
        MetaTypeName::concrete_typename(&self.kind) == REPRESENTATION
    }
}

/// Adds the default values of variables without a value. The library does so for arguments, but not for `@skip` and
/// `@include`. Variables that a document got for the defaults of its arguments have the values of those in the request, and
/// representations of entities that cannot be accepted are replaced by the reason.
pub(super) fn add_defaults(declared: &[Variable], values: &mut Variables) {
    for variable in declared {
        let name = name_in_request(&variable.name);
        if name != variable.name.as_str() {
            // A request may have a value under any name.
            values.remove(&variable.name);
            if let Some(value) = values.get(name).cloned() {
                values.insert(variable.name.clone(), value);
            }
        }
        if variable.has_representations()
            && let Some(value) = values.get_mut(&variable.name)
        {
            replace_rejected(&variable.name, value);
        }
        if let Some(default) = &variable.default
            && !values.contains_key(&variable.name)
        {
            values.insert(variable.name.clone(), default.clone());
        }
    }
}

/// Replaces each representation of an entity that [`check`] would reject by the reason, and each null, so that it fails alone.
fn replace_rejected(name: &Name, value: &mut Value) {
    null_representations::replace_in(value);
    let representations: &mut [Value] = match value {
        Value::List(items) => items,
        one => std::slice::from_mut(one),
    };
    for representation in representations {
        if let Err(error) = check_value(name, representation) {
            // No client can send it: enum values in a document have no spaces, and JSON has none.
            *representation = Value::Enum(Name::new(error.to_string()));
        }
    }
}

/// Checks the sizes of variables, and that no string contains U+0000, which databases cannot store.
///
/// # Errors
/// When a list has too many items, a string or a key is too long, or a string contains U+0000.
pub(super) fn check(values: &Variables, limits: &Limits) -> Result<(), LimitError> {
    for (name, value) in values.iter() {
        if !is_short(value, limits.list_items) {
            return Err(LimitError::ListItems(limits.list_items));
        }
        check_value(name, value)?;
    }
    Ok(())
}

/// The same, apart from lists.
fn check_value(name: &Name, value: &Value) -> Result<(), LimitError> {
    check_texts(value)?;
    if has_nul(value) {
        return Err(LimitError::Nul(name.chars().take(MAX_NAME).collect()));
    }
    Ok(())
}

/// Checks the lengths of strings and keys, since errors repeat them.
fn check_texts(value: &Value) -> Result<(), LimitError> {
    match value {
        Value::String(text) if text.len() > MAX_STRING_BYTES => Err(LimitError::Text(MAX_STRING_BYTES)),
        Value::List(items) => items.iter().try_for_each(check_texts),
        Value::Object(fields) => {
            fields.iter().try_for_each(|(name, field)| match name.len() > MAX_NAME_BYTES {
                true => Err(LimitError::Name(MAX_NAME_BYTES)),
                false => check_texts(field),
            })
        }
        _ => Ok(()),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

/// Checks that every required variable has a value.
///
/// # Errors
/// When one is missing or null.
pub(super) fn check_needed(declared: &[Variable], values: &Variables) -> Result<(), LimitError> {
    let is_missing = |variable: &&Variable| match values.get(&variable.name) {
        Some(value) => variable.is_non_null() && *value == Value::Null,
        None => variable.is_required(),
    };
    match declared.iter().find(is_missing) {
        Some(variable) => {
            let name = name_in_request(&variable.name);
            Err(LimitError::MissingValue(name.chars().take(MAX_NAME).collect()))
        }
        None => Ok(()),
    }
}

/// Maximum number of characters of a variable name in a message.
const MAX_NAME: usize = 60;

fn is_short(value: &Value, most: usize) -> bool {
    match value {
        Value::List(items) => items.len() <= most && items.iter().all(|item| is_short(item, most)),
        Value::Object(fields) => fields.values().all(|field| is_short(field, most)),
        _ => true,
    }
}

/// Whether every variable has a value of its type. `false` when in doubt: full validation then reports the error.
pub(super) fn fit(types: &Registry, declared: &[Variable], values: &Variables) -> bool {
    declared.iter().all(|variable| match values.get(&variable.name) {
        Some(Value::Null) if variable.is_not_null => false,
        Some(value) => fits(types, &variable.kind, value),
        None => !variable.is_required(),
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
            is_valid.as_ref().is_none_or(|is_valid| is_valid(value)) && scalar::can_read(kind, value)
        }
        (Some(MetaType::Enum { enum_values, .. }), Value::String(name)) => enum_values.contains_key(name),
        // A default value.
        (Some(MetaType::Enum { enum_values, .. }), Value::Enum(name)) => {
            enum_values.contains_key(name.as_str())
        }
        (Some(MetaType::InputObject { input_fields, oneof, .. }), Value::Object(fields)) => {
            let is_one = || fields.len() == 1 && fields.values().all(|field| *field != Value::Null);
            (!oneof || is_one())
                && fields.keys().all(|name| input_fields.contains_key(name.as_str()))
                && input_fields.values().all(|field| match fields.get(field.name.as_str()) {
                    Some(value) => fits(types, &field.ty, value),
                    None => !field.ty.ends_with('!') || field.default_value.is_some(),
                })
        }
        _ => false,
    }
}
