//! Directives of `__typename`.
//!
//! The library's validation skips `__typename` along with its directives, and rejects a variable that is used only there as
//! unused. It visits the directives of fragments, so `__typename @skip(if: $no)` becomes `... @skip(if: $no) { __typename }`.

use async_graphql::{
    Positioned,
    parser::types::{Directive, ExecutableDocument, InlineFragment, Selection, SelectionSet},
};

use super::operations::operations_mut;

/// Moves the directives of each `__typename` to a fragment around it. Those that no field may have are left out:
/// [`super::validation`] refuses them.
pub(super) fn enclose(document: &mut ExecutableDocument) {
    for operation in operations_mut(&mut document.operations) {
        enclose_in(&mut operation.node.selection_set.node);
    }
    for fragment in document.fragments.values_mut() {
        enclose_in(&mut fragment.node.selection_set.node);
    }
}

/// Whether a directive may not be used on fields.
pub(super) fn is_misplaced(directive: &Directive) -> bool {
    !matches!(directive.name.node.as_str(), "skip" | "include")
}

fn enclose_in(selections: &mut SelectionSet) {
    for selection in &mut selections.items {
        let pos = selection.pos;
        match &mut selection.node {
            Selection::Field(field) if field.node.name.node != "__typename" => {
                enclose_in(&mut field.node.selection_set.node);
            }
            Selection::Field(field) if !field.node.directives.is_empty() => {
                let mut directives = std::mem::take(&mut field.node.directives);
                directives.retain(|directive| !is_misplaced(&directive.node));
                if directives.is_empty() {
                    continue;
                }
                let typename = Positioned::new(Selection::Field(field.clone()), pos);
                let selection_set = Positioned::new(SelectionSet { items: vec![typename] }, pos);
                let fragment = InlineFragment { type_condition: None, directives, selection_set };
                selection.node = Selection::InlineFragment(Positioned::new(fragment, pos));
            }
            Selection::InlineFragment(fragment) => enclose_in(&mut fragment.node.selection_set.node),
            Selection::Field(_) | Selection::FragmentSpread(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    /// Names of the fields and fragments of a selection set, those below in brackets.
    fn outline(selections: &SelectionSet) -> String {
        let outlines = selections.items.iter().map(|selection| {
            let directives = "@".repeat(selection.node.directives().len());
            match &selection.node {
                Selection::Field(field) if field.node.selection_set.node.items.is_empty() => {
                    format!("{}{directives}", field.node.response_key().node)
                }
                Selection::Field(field) => {
                    let below = outline(&field.node.selection_set.node);
                    format!("{}{directives}({below})", field.node.response_key().node)
                }
                Selection::InlineFragment(fragment) => {
                    format!("...{directives}({})", outline(&fragment.node.selection_set.node))
                }
                Selection::FragmentSpread(_) => "...".into(),
            }
        });
        outlines.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn directives_of_typename_alone_are_moved() {
        let text = "{ a: __typename @skip(if: $a) @deprecated @include(if: $b) __typename @deprecated
            b @skip(if: $a) { ... on C { d: __typename @skip(if: true) c @skip(if: true) } } }";
        let mut document = parse_query(text).expect("a document");
        enclose(&mut document);
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let expected = "...@@(a) __typename b@(...(...@(d) c@))";
        assert_eq!(outline(&operation.node.selection_set.node), expected);
    }
}
