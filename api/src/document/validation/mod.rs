//! Rules of validation that async-graphql lacks, or checks in part only. They hold for a document whatever the values of its
//! variables are, so each document is checked once.

mod argument_values;
mod overlapping_fields;
mod repeated_input_fields;
mod single_root_field;
mod typename_fields;

use std::collections::HashSet;

use async_graphql::{Name, Pos, ServerError, parser::types::ExecutableDocument, registry::Registry};

/// Maximum number of errors that a rule reports.
const MAX_ERRORS: usize = 10;

/// Result of the validation of a document.
pub(super) struct Validated {
    /// Why it is not valid.
    pub(super) errors: Vec<ServerError>,
    /// Nullable variables that are passed to a position whose default applies if they have no value: it does not accept null.
    pub(super) not_null: HashSet<Name>,
}

/// Checks a parsed document with this text. What is not in the schema is left to the library.
pub(super) fn check(text: &str, document: &ExecutableDocument, types: &Registry) -> Validated {
    let (of_values, not_null) = argument_values::check(document, types);
    let mut errors: Vec<ServerError> = Vec::new();
    let of_fields = overlapping_fields::check(document, types).into_iter().chain(of_values);
    let of_fields = of_fields.chain(repeated_input_fields::check(text));
    let of_fields = of_fields.chain(single_root_field::check(document));
    for error in of_fields.chain(typename_fields::check(document)) {
        // Operations may share the fragment with the error.
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    Validated { errors, not_null }
}

/// An error of a document at these positions.
fn error(message: String, locations: Vec<Pos>) -> ServerError {
    ServerError { locations, ..ServerError::new(message, None) }
}
