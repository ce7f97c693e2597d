//! Uses of `__typename`: it has no arguments and no fields, and the directives of fields. The library skips it.

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::{MAX_ERRORS, error};
use crate::document::typename_directives::is_misplaced;

/// Checks all operations and fragments.
pub(super) fn check(document: &ExecutableDocument) -> Vec<ServerError> {
    let mut errors = Vec::new();
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).for_each(|selections| check_in(selections, &mut errors));
    // Fragments have no order.
    errors.sort_by_key(|error| error.locations.first().copied());
    errors.truncate(MAX_ERRORS);
    errors
}

fn check_in(selections: &SelectionSet, errors: &mut Vec<ServerError>) {
    for selection in &selections.items {
        match &selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                check_field(field, errors);
            }
            Selection::Field(field) => check_in(&field.node.selection_set.node, errors),
            Selection::InlineFragment(fragment) => {
                check_in(&fragment.node.selection_set.node, errors);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn check_field(field: &Positioned<Field>, errors: &mut Vec<ServerError>) {
    if let Some((name, _)) = field.node.arguments.first() {
        errors.push(error("`__typename` has no arguments; remove them.".to_owned(), vec![name.pos]));
    }
    if !field.node.selection_set.node.items.is_empty() {
        let text = "`__typename` has no fields: its type is `String!`; remove the selection.";
        errors.push(error(text.to_owned(), vec![field.node.selection_set.pos]));
    }
    for directive in field.node.directives.iter().filter(|it| is_misplaced(&it.node)) {
        let text = format!("Directive \"{}\" may not be used on \"FIELD\"", directive.node.name.node);
        errors.push(error(text, vec![directive.pos]));
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn typename_has_neither_arguments_nor_fields_anywhere() {
        let check = |text: &str| check(&parse_query(text).expect("a document"));
        assert!(check("{ __typename a: __typename @skip(if: true) b(c: 1) { __typename } }").is_empty());
        for (text, parts) in [
            ("{ __typename { a } }", vec!["fields"]),
            ("{ a { ... { b: __typename { ...Nope } } } }", vec!["fields"]),
            ("{ __typename(x: $y) }", vec!["arguments"]),
            ("{ a: __typename @deprecated @skip(if: true) @unknown }", vec!["\"FIELD\"", "\"FIELD\""]),
            (
                "{ a ...F } fragment F on A { __typename(x: 1) { __typename { b } } }",
                vec!["arguments", "fields"],
            ),
        ] {
            let found = check(text);
            assert_eq!(found.len(), parts.len(), "{text}: {found:?}");
            for (error, part) in found.iter().zip(parts) {
                assert!(error.message.contains(part), "{text}: {}", error.message);
            }
        }
        let many = format!("{{ {} }}", "__typename { a } ".repeat(2 * MAX_ERRORS));
        assert_eq!(check(&many).len(), MAX_ERRORS);
    }
}
