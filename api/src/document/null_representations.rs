//! Representations of entities that are null.
//!
//! `representations` is a list of non-null values: for a null in it, the library would refuse the whole request. But each
//! representation is answered on its own. So a null is replaced by another value that is no object.

use async_graphql::{
    Value,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::Value as ArgumentValue;

use super::operations::operations_mut;

/// Type of representations.
pub(super) const REPRESENTATION: &str = "_Any";
/// The field that looks entities up, and its argument.
const ENTITIES: &str = "_entities";
const REPRESENTATIONS: &str = "representations";

/// Replaces the nulls in the lists of representations that a document has.
pub(super) fn replace(document: &mut ExecutableDocument) {
    for operation in operations_mut(&mut document.operations) {
        for variable in &mut operation.node.variable_definitions {
            let variable = &mut variable.node;
            if let Some(default) = &mut variable.default_value
                && variable.var_type.node.to_string().contains(REPRESENTATION)
            {
                replace_in(&mut default.node);
            }
        }
        replace_in_selections(&mut operation.node.selection_set.node);
    }
    for fragment in document.fragments.values_mut() {
        replace_in_selections(&mut fragment.node.selection_set.node);
    }
}

/// Replaces the nulls in a list of representations.
pub(super) fn replace_in(representations: &mut Value) {
    if let Value::List(items) = representations {
        items.iter_mut().filter(|item| **item == Value::Null).for_each(|item| *item = Value::Boolean(false));
    }
}

/// Replaces the nulls in the arguments of fields of the type `Query`.
fn replace_in_selections(selections: &mut SelectionSet) {
    for selection in &mut selections.items {
        match &mut selection.node {
            Selection::Field(field) if field.node.name.node == ENTITIES => {
                for (name, value) in &mut field.node.arguments {
                    if let ArgumentValue::List(items) = &mut value.node
                        && name.node == REPRESENTATIONS
                    {
                        let nulls = items.iter_mut().filter(|item| **item == ArgumentValue::Null);
                        nulls.for_each(|item| *item = ArgumentValue::Boolean(false));
                    }
                }
            }
            Selection::InlineFragment(fragment) => {
                replace_in_selections(&mut fragment.node.selection_set.node);
            }
            Selection::Field(_) | Selection::FragmentSpread(_) => {}
        }
    }
}
