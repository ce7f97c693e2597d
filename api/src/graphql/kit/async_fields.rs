//! Which selection sets of a document wait: their fields are resolved concurrently.

use std::collections::HashSet;

use async_graphql::{
    Pos, Positioned, Value,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::field_policy::Waits;

/// Selection sets of a document with a field that waits for the database, at any depth.
#[derive(Clone, Debug, Default)]
pub struct AsyncFields(HashSet<Pos>);

impl AsyncFields {
    /// Finds the selection sets with these fields, where they wait.
    pub fn find(document: &ExecutableDocument, fields: &[(&str, Waits)]) -> Self {
        let mut search = Search { fields, any_fragment: false, found: HashSet::new() };
        for fragment in document.fragments.values() {
            search.any_fragment |= search.waits(&fragment.node.selection_set);
        }
        for (_, operation) in document.operations.iter() {
            search.waits(&operation.node.selection_set);
        }
        if search.any_fragment {
            // Fragments spread each other: if any waits, every spread is assumed to wait.
            let fragments = document.fragments.values();
            fragments.for_each(|fragment| _ = search.waits(&fragment.node.selection_set));
        }
        Self(search.found)
    }

    /// Whether a field waits in the selection set at this position, at any depth.
    pub fn holds(&self, selections: Pos) -> bool {
        self.0.contains(&selections)
    }

    /// Whether no field waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

struct Search<'a> {
    fields: &'a [(&'a str, Waits)],
    /// Whether a field of any fragment waits.
    any_fragment: bool,
    found: HashSet<Pos>,
}

impl Search<'_> {
    fn waits(&mut self, selections: &Positioned<SelectionSet>) -> bool {
        let mut waits = false;
        for selection in &selections.node.items {
            waits |= match &selection.node {
                Selection::Field(field) => self.waits(&field.node.selection_set) | self.is_async(&field.node),
                Selection::InlineFragment(fragment) => self.waits(&fragment.node.selection_set),
                Selection::FragmentSpread(_) => self.any_fragment,
            };
        }
        if waits {
            self.found.insert(selections.pos);
        }
        waits
    }

    /// Whether a field waits itself, on any type that has one of its name.
    fn is_async(&self, field: &Field) -> bool {
        let mut known = self.fields.iter().filter(|(name, _)| *name == field.name.node.as_str());
        known.any(|(_, waits)| match waits {
            Waits::Never => false,
            Waits::Always => true,
            Waits::With(argument) => has_value(field, argument),
        })
    }
}

/// Whether an argument is given and not null; a variable is assumed to have a value.
fn has_value(field: &Field, argument: &str) -> bool {
    let value = field.get_argument(argument);
    value.is_some_and(|value| value.node.clone().into_const() != Some(Value::Null))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_field_waits_always_or_with_an_argument_that_has_a_value() {
        let fields = [("never", Waits::Never), ("slow", Waits::Always), ("past", Waits::With("asOf"))];
        for (text, waits) in [
            ("{ never other }", false),
            ("{ other { slow } }", true),
            ("{ past }", false),
            ("{ past(asOf: null) }", false),
            ("{ past(filter: 1) }", false),
            ("{ past(asOf: 1) }", true),
            ("query($at: Int) { past(asOf: $at) }", true),
            ("{ other(asOf: 1) { past } }", false),
            ("{ past { slow } }", true),
            ("{ ...F } fragment F on Query { past(asOf: 1) }", true),
            ("{ ...F } fragment F on Query { past }", false),
        ] {
            let document = parse_query(text).expect("a document");
            assert_eq!(!AsyncFields::find(&document, &fields).is_empty(), waits, "{text}");
        }
    }

    #[test]
    fn a_selection_set_beside_one_that_waits_does_not_wait() {
        let document =
            parse_query("{ past(asOf: 1) { a } b { c } d { past(asOf: 1) } }").expect("a document");
        let found = AsyncFields::find(&document, &[("past", Waits::With("asOf"))]);
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let root = &operation.node.selection_set;
        let below = root.node.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => found.holds(field.node.selection_set.pos),
            _ => panic!("a field"),
        });
        assert!(found.holds(root.pos));
        assert_eq!(below.collect::<Vec<_>>(), [false, false, true]);
    }
}
