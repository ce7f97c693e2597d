//! Restores the order of response fields to that of the query.
//!
//! async-graphql returns fields in the order of completion once one of them waits for the database.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    indexmap::IndexMap,
    parser::types::{
        Directive, DocumentOperations, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
    registry::{MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value as ArgumentValue;

use super::{cache::Document, empty_selections::MARK, operations::root_type};
use crate::graphql::kit::async_fields::AsyncFields;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Restores the field order of response data in selection sets with fields that wait, before they are unmarked. The values are
/// those of the variables, with their defaults.
pub fn restore(
    document: &Document,
    types: &Registry,
    (operation_name, values): (Option<&str>, &Variables),
    data: &mut Value,
) {
    if let Some(operation) = operation_of(document, operation_name) {
        let (fragments, async_fields) = (&document.parsed.fragments, &*document.async_fields);
        let root = types.types.get(root_type(operation.node.ty));
        let restoring = Restoring { fragments, async_fields, types, values };
        restoring.order(&[&operation.node.selection_set], root, data);
    }
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

/// Response keys, each with the name and the selection sets of its field.
type Keys<'a> = IndexMap<&'a str, (&'a str, Vec<&'a Positioned<SelectionSet>>)>;

struct Restoring<'a> {
    fragments: &'a Fragments,
    async_fields: &'a AsyncFields,
    types: &'a Registry,
    values: &'a Variables,
}

impl<'a> Restoring<'a> {
    /// Orders the fields of a value of a type; `None` for a type of introspection.
    fn order(&self, sets: &[&'a Positioned<SelectionSet>], of: Option<&'a MetaType>, value: &mut Value) {
        if !sets.iter().any(|set| self.async_fields.holds(set.pos)) {
            return;
        }
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.order(sets, of, item)),
            Value::Object(fields) => {
                // An object of an interface or a union tells its type if the order depends on it.
                let of = match fields.get(MARK) {
                    Some(Value::String(name)) => self.types.types.get(name),
                    _ => of,
                };
                let (mut answered, mut keys) = (std::mem::take(fields), Keys::new());
                sets.iter().for_each(|set| self.collect(set, of, &mut keys));
                for (key, (name, sets)) in keys {
                    if let Some(mut value) = answered.swap_remove(key) {
                        self.order(&sets, self.type_of(of, name), &mut value);
                        fields.insert(Name::new(key), value);
                    }
                }
                fields.extend(answered);
            }
            _ => {}
        }
    }

    /// Type of a field, without lists and non-null.
    fn type_of(&self, owner: Option<&'a MetaType>, field: &str) -> Option<&'a MetaType> {
        let declared = owner?.field_by_name(field)?;
        self.types.types.get(MetaTypeName::concrete_typename(&declared.ty))
    }

    /// Collects the fields that are selected of an object of a type, in the order of the query (GraphQL specification, 6.3.2).
    fn collect(&self, set: &'a Positioned<SelectionSet>, of: Option<&'a MetaType>, keys: &mut Keys<'a>) {
        for selection in &set.node.items {
            if selection.node.directives().iter().any(|directive| self.is_left_out(&directive.node)) {
                continue;
            }
            let (condition, below) = match &selection.node {
                Selection::Field(field) => {
                    let (key, name) = (&field.node.response_key().node, &field.node.name.node);
                    let (_, sets) = keys.entry(key.as_str()).or_insert_with(|| (name.as_str(), Vec::new()));
                    sets.push(&field.node.selection_set);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    match self.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                        None => continue,
                    }
                }
            };
            if condition.is_none_or(|it| self.applies(&it.node.on.node, of)) {
                self.collect(below, of, keys);
            }
        }
    }

    /// Whether a fragment on a type applies to an object of a type.
    fn applies(&self, condition: &str, of: Option<&MetaType>) -> bool {
        match of {
            Some(MetaType::Object { name, .. }) => {
                self.types.types.get(condition).is_some_and(|condition| condition.is_possible_type(name))
            }
            _ => true,
        }
    }

    /// Whether a directive leaves out its selection.
    fn is_left_out(&self, directive: &Directive) -> bool {
        let left_out_if = match directive.name.node.as_str() {
            "skip" => true,
            "include" => false,
            _ => return false,
        };
        let condition = match directive.get_argument("if").map(|value| &value.node) {
            Some(ArgumentValue::Boolean(condition)) => *condition,
            Some(ArgumentValue::Variable(name)) => self.values.get(name) == Some(&Value::Boolean(true)),
            _ => return false,
        };
        condition == left_out_if
    }
}
