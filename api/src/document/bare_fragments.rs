//! Inline fragments without a type condition.
//!
//! The library compares fields with one response key by the type condition directly around them. In a fragment without a
//! condition they have none, so that those of different object types conflict, although no object has both (GraphQL
//! specification, 5.3.2 "Field Selection Merging"). So such a fragment gets the condition of the fragment around it, if that is
//! on an object type: there it always applies. [`super::validation`] finds the fields that do conflict.

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, Selection, SelectionSet, TypeCondition},
    registry::{MetaType, Registry},
};

use super::operations::operations_mut;

/// Gives each fragment without a type condition that of the fragment around it.
pub(super) fn condition(document: &mut ExecutableDocument, types: &Registry) {
    for operation in operations_mut(&mut document.operations) {
        condition_in(&mut operation.node.selection_set.node, None, types);
    }
    for fragment in document.fragments.values_mut() {
        let fragment = &mut fragment.node;
        let around = on_object(Some(&fragment.type_condition), types);
        condition_in(&mut fragment.selection_set.node, around, types);
    }
}

/// The same in a selection set, with the condition around it.
fn condition_in(selections: &mut SelectionSet, around: Option<&Positioned<TypeCondition>>, types: &Registry) {
    for selection in &mut selections.items {
        match &mut selection.node {
            Selection::Field(field) => condition_in(&mut field.node.selection_set.node, None, types),
            Selection::InlineFragment(fragment) => {
                let fragment = &mut fragment.node;
                if fragment.type_condition.is_none() {
                    fragment.type_condition = around.cloned();
                }
                let around = on_object(fragment.type_condition.as_ref(), types);
                condition_in(&mut fragment.selection_set.node, around, types);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// The condition, if it is an object type.
fn on_object<'a>(
    condition: Option<&'a Positioned<TypeCondition>>,
    types: &Registry,
) -> Option<&'a Positioned<TypeCondition>> {
    condition.filter(|it| matches!(types.types.get(it.node.on.node.as_str()), Some(MetaType::Object { .. })))
}
