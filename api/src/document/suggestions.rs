//! Names of the schema that an unknown name in a document may have been meant to be.

use async_graphql::{
    ServerError,
    registry::{MetaType, Registry},
};

use crate::graphql::kit::similar::suggestion;

/// Maximum number of errors that get a suggestion.
const MAX_ERRORS: usize = 10;
/// What async-graphql's messages on an unknown enum value contain.
const ENUM: &str = ", enumeration type";
/// Maximum number of values of an enum that an error lists.
const MAX_VALUES: usize = 12;

/// Adds suggestions to the errors of unknown fields, arguments, types, enum values and fields of inputs of a schema with these
/// types; and to those of values of a small enum all its values.
pub(super) fn add(types: &Registry, errors: &mut [ServerError]) {
    for error in errors.iter_mut().filter(|error| error.source.is_none()).take(MAX_ERRORS) {
        let Some((unknown, known)) = unknown_name(types, &error.message) else { continue };
        let is_value = error.message.contains(ENUM) && known.len() <= MAX_VALUES;
        let values = is_value.then(|| format!("The values are {}.", known.join(", ")));
        let more: Vec<String> = suggestion(unknown, &known).into_iter().chain(values).collect();
        if !more.is_empty() {
            let end = if error.message.ends_with('.') { "" } else { "." };
            error.message = format!("{}{end} {}", error.message, more.join(" "));
        }
    }
}

/// The unknown name of a message of async-graphql, and the names that are known in its place.
fn unknown_name<'a>(types: &'a Registry, message: &'a str) -> Option<(&'a str, Vec<&'a str>)> {
    let quoted: Vec<&str> = message.split('"').skip(1).step_by(2).take(4).collect();
    let kind = |name: &str| types.types.get(name);
    let (unknown, known): (&str, Vec<&str>) = match quoted[..] {
        [unknown, owner] if message.starts_with("Unknown field") => {
            (unknown, kind(owner)?.fields()?.keys().map(String::as_str).collect())
        }
        [unknown, field, owner] if message.starts_with("Unknown argument") => {
            let field = kind(owner)?.field_by_name(field)?;
            (unknown, field.args.keys().map(String::as_str).collect())
        }
        [unknown] if message.starts_with("Unknown type") => {
            (unknown, types.types.keys().map(String::as_str).collect())
        }
        [_, owner, unknown] if message.contains(ENUM) => match kind(owner)? {
            MetaType::Enum { enum_values, .. } => (unknown, enum_values.keys().map(String::as_str).collect()),
            _ => return None,
        },
        [_, unknown, owner] if message.contains(", unknown field") => match kind(owner)? {
            MetaType::InputObject { input_fields, .. } => {
                (unknown, input_fields.keys().map(String::as_str).collect())
            }
            _ => return None,
        },
        _ => return None,
    };
    Some((unknown, known))
}
