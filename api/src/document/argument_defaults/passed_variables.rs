//! Where a document passes its variables: the arguments and input fields that take them.

use async_graphql::{
    Name,
    parser::types::{Field, Selection, SelectionSet},
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value;

/// What a selection set contains.
pub(super) enum Met<'m, 't> {
    /// A variable, and the argument or input field that takes it; `None` for items of lists, arguments of directives, and what
    /// the schema does not have.
    Variable(&'m mut Name, Option<&'t MetaInputValue>),
    /// The name of a fragment. What is in the fragment is not visited.
    Fragment(&'m Name),
}

/// Visits all variables and fragment spreads of a selection set on a type; `None`: a type that is not in the schema.
pub(super) fn visit<'t>(
    types: &'t Registry,
    selections: &mut SelectionSet,
    on: Option<&'t MetaType>,
    met: impl FnMut(Met<'_, 't>),
) {
    Visitor { types, met }.selections(selections, on);
}

struct Visitor<'t, F> {
    types: &'t Registry,
    met: F,
}

impl<'t, F: FnMut(Met<'_, 't>)> Visitor<'t, F> {
    fn selections(&mut self, selections: &mut SelectionSet, on: Option<&'t MetaType>) {
        for selection in &mut selections.items {
            for directive in selection.node.directives_mut() {
                for (_, value) in &mut directive.node.arguments {
                    self.value(&mut value.node, None, None);
                }
            }
            match &mut selection.node {
                Selection::Field(field) => self.field(&mut field.node, on),
                Selection::InlineFragment(fragment) => {
                    let on = match &fragment.node.type_condition {
                        Some(condition) => self.named(&condition.node.on.node),
                        None => on,
                    };
                    self.selections(&mut fragment.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    (self.met)(Met::Fragment(&spread.node.fragment_name.node))
                }
            }
        }
    }

    fn field(&mut self, field: &mut Field, on: Option<&'t MetaType>) {
        let known = on.and_then(|on| on.field_by_name(&field.name.node));
        for (name, value) in &mut field.arguments {
            let argument = known.and_then(|known| known.args.get(name.node.as_str()));
            self.value(&mut value.node, argument.map(|it| it.ty.as_str()), argument);
        }
        let of = known.and_then(|known| self.named(MetaTypeName::concrete_typename(&known.ty)));
        self.selections(&mut field.selection_set.node, of);
    }

    /// Visits the variables of a value of a type that is passed to a target. Items of a list have its type, but not its target.
    fn value(&mut self, value: &mut Value, of: Option<&'t str>, target: Option<&'t MetaInputValue>) {
        match value {
            Value::Variable(name) => (self.met)(Met::Variable(name, target)),
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item, of, None)),
            Value::Object(fields) => {
                let of = of.and_then(|of| self.named(MetaTypeName::concrete_typename(of)));
                for (name, value) in fields.iter_mut() {
                    let target = match of {
                        Some(MetaType::InputObject { input_fields, .. }) => input_fields.get(name.as_str()),
                        _ => None,
                    };
                    self.value(value, target.map(|it| it.ty.as_str()), target);
                }
            }
            _ => {}
        }
    }

    fn named(&self, name: &str) -> Option<&'t MetaType> {
        self.types.types.get(name)
    }
}
