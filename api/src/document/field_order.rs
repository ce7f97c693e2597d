//! Restores the order of response fields to that of the query.
//!
//! async-graphql returns fields in the order of completion once one of them waits for the database.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{DocumentOperations, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

use super::cache::Document;
use crate::graphql::kit::sequential::AsyncFields;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Restores the field order of response data in selection sets with fields that wait.
pub fn restore(document: &Document, operation_name: Option<&str>, data: &mut Value) {
    if let Some(operation) = operation_of(document, operation_name) {
        let restoring =
            Restoring { fragments: &document.parsed.fragments, async_fields: &document.async_fields };
        restoring.order(&[&operation.node.selection_set], data);
    }
}

/// Number of root fields of an operation, fragments expanded.
pub fn root_fields(document: &Document, operation_name: Option<&str>) -> usize {
    let operation = operation_of(document, operation_name);
    operation.map_or(0, |operation| keys(&[&operation.node.selection_set], &document.parsed.fragments).len())
}

/// The operation that a request names; a single operation needs no name.
pub(super) fn operation_of<'a>(
    document: &'a Document,
    name: Option<&str>,
) -> Option<&'a Positioned<OperationDefinition>> {
    match (&document.parsed.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        // The parser returns a single named operation as `Multiple`.
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

struct Restoring<'a> {
    fragments: &'a Fragments,
    async_fields: &'a AsyncFields,
}

impl Restoring<'_> {
    fn order(&self, selections: &[&Positioned<SelectionSet>], value: &mut Value) {
        if !selections.iter().any(|set| self.async_fields.holds(set.pos)) {
            return;
        }
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.order(selections, item)),
            Value::Object(fields) => {
                let mut answered = std::mem::take(fields);
                for (key, below) in keys(selections, self.fragments) {
                    if let Some(mut value) = answered.swap_remove(key) {
                        self.order(&below, &mut value);
                        fields.insert(Name::new(key), value);
                    }
                }
                fields.extend(answered);
            }
            _ => {}
        }
    }
}

/// Response keys in the order of the query, each with its selection sets.
fn keys<'a>(
    selections: &[&'a Positioned<SelectionSet>],
    fragments: &'a Fragments,
) -> Vec<(&'a str, Vec<&'a Positioned<SelectionSet>>)> {
    let mut keys: Vec<(&str, Vec<&Positioned<SelectionSet>>)> = Vec::new();
    for selection in selections.iter().flat_map(|set| &set.node.items) {
        let added = match &selection.node {
            Selection::Field(field) => {
                vec![(field.node.response_key().node.as_str(), vec![&field.node.selection_set])]
            }
            Selection::InlineFragment(fragment) => self::keys(&[&fragment.node.selection_set], fragments),
            Selection::FragmentSpread(spread) => match fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => self::keys(&[&fragment.node.selection_set], fragments),
                None => Vec::new(),
            },
        };
        for (key, below) in added {
            match keys.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => known.extend(below),
                None => keys.push((key, below)),
            }
        }
    }
    keys
}
