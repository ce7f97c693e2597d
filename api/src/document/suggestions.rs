//! Names of the schema that an unknown name in a document may have been meant to be.

use async_graphql::{
    ServerError,
    registry::{MetaType, Registry},
};
use strsim::osa_distance;

/// Maximum number of errors that get a suggestion.
const MAX_ERRORS: usize = 10;
/// Maximum length of an unknown name, in bytes: longer ones resemble none.
const MAX_NAME: usize = 60;
/// Maximum number of suggested names.
const MAX_NAMES: usize = 3;

/// Adds suggestions to the errors of unknown fields, arguments, types, enum values and fields of inputs of a schema with these
/// types.
pub(super) fn add(types: &Registry, errors: &mut [ServerError]) {
    for error in errors.iter_mut().filter(|error| error.source.is_none()).take(MAX_ERRORS) {
        let Some((unknown, known)) = unknown_name(types, &error.message) else { continue };
        if let Some(suggestion) = suggestion(unknown, &known) {
            let end = if error.message.ends_with('.') { "" } else { "." };
            error.message = format!("{}{end} {suggestion}", error.message);
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
        [_, owner, unknown] if message.contains(", enumeration type") => match kind(owner)? {
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
    (unknown.len() <= MAX_NAME).then_some((unknown, known))
}

/// A sentence with the known names that are most similar to an unknown one; `None` if none is similar.
fn suggestion(unknown: &str, known: &[&str]) -> Option<String> {
    let lower = unknown.to_lowercase();
    // As many differences as graphql-js allows.
    let most = unknown.len() * 2 / 5 + 1;
    let mut similar: Vec<(usize, &str)> = known
        .iter()
        .filter(|name| !name.starts_with("__"))
        .map(|name| (osa_distance(&lower, &name.to_lowercase()), *name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    similar.sort_unstable();
    let names: Vec<String> = similar.iter().take(MAX_NAMES).map(|(_, name)| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("Did you mean {}?", names.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn the_most_similar_names_are_suggested() {
        let known = ["pages", "page", "platforms", "pageLeaderboard", "__schema"];
        for (unknown, expected) in [
            ("pagez", Some("Did you mean `page` or `pages`?")),
            ("PAGES", Some("Did you mean `pages` or `page`?")),
            ("pageLeaderboards", Some("Did you mean `pageLeaderboard`?")),
            ("organization", None),
            ("__schemas", None),
        ] {
            assert_eq!(suggestion(unknown, &known).as_deref(), expected, "{unknown}");
        }
    }
}
