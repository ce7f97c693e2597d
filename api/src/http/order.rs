//! The order of an answer's fields: as the query has them.
//!
//! The library answers fields in the order in which they finish, once one of them waits for the database.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{DocumentOperations, ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

/// Fields that wait for the database.
const WAITING: [&str; 11] = [
    "history",
    "changes",
    "registryDigest",
    "lastDay",
    "series",
    "growth",
    "audience",
    "leaderboard",
    "rating",
    "publishedRatings",
    "statisticsJumps",
];

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Whether the answer to this query may be out of order.
pub(super) fn may_be_lost(query: &str) -> bool {
    WAITING.iter().any(|field| query.contains(field))
}

/// Puts the fields of an answer in the order that its query has them in.
pub(super) fn restore(document: &ExecutableDocument, operation_name: Option<&str>, data: &mut Value) {
    let operation = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(_), None) => None,
    };
    if let Some(operation) = operation {
        order(&[&operation.node.selection_set.node], &document.fragments, data);
    }
}

fn order(selections: &[&SelectionSet], fragments: &Fragments, value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| order(selections, fragments, item)),
        Value::Object(fields) => {
            let mut answered = std::mem::take(fields);
            for (key, below) in keys(selections, fragments) {
                if let Some(mut value) = answered.swap_remove(key) {
                    order(&below, fragments, &mut value);
                    fields.insert(Name::new(key), value);
                }
            }
            fields.extend(answered);
        }
        _ => {}
    }
}

/// Keys of an answer in the order of the query, each with what is selected below it.
fn keys<'a>(
    selections: &[&'a SelectionSet],
    fragments: &'a Fragments,
) -> Vec<(&'a str, Vec<&'a SelectionSet>)> {
    let mut keys: Vec<(&str, Vec<&SelectionSet>)> = Vec::new();
    for selection in selections.iter().flat_map(|set| &set.items) {
        let added = match &selection.node {
            Selection::Field(field) => {
                vec![(field.node.response_key().node.as_str(), vec![&field.node.selection_set.node])]
            }
            Selection::InlineFragment(fragment) => {
                self::keys(&[&fragment.node.selection_set.node], fragments)
            }
            Selection::FragmentSpread(spread) => match fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => self::keys(&[&fragment.node.selection_set.node], fragments),
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
