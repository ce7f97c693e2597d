//! Defaults of arguments for variables without a value.
//!
//! A variable that has neither a value nor a default leaves its argument out, so that the argument's default applies
//! (GraphQL specification, 6.4.1). The library passes null instead. So such a variable takes over the default of the
//! argument, or of the field of an input object. If it is passed to several whose defaults differ, the library still passes
//! null.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_query,
        types::{ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet, VariableDefinition},
    },
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{ConstValue, Value};

use super::operations::{operations_mut, root_type};

/// Gives each nullable variable without a default that of the arguments and input fields that it is passed to.
pub(super) fn take_over(document: &mut ExecutableDocument, types: &Registry) {
    let fragments = &document.fragments;
    for operation in operations_mut(&mut document.operations) {
        let operation = &mut operation.node;
        let mut passing = Passing { types, fragments, visited: HashSet::new(), targets: HashMap::new() };
        passing.selections(&operation.selection_set.node, types.types.get(root_type(operation.ty)));
        for definition in &mut operation.variable_definitions {
            let pos = definition.pos;
            let VariableDefinition { name, var_type, default_value, .. } = &mut definition.node;
            let Some(Some(target)) = passing.targets.get(name.node.as_str()) else { continue };
            let takes = MetaTypeName::create(&target.ty).unwrap_non_null();
            // Validation rejects a variable of another type by its value.
            let fits = takes.is_subtype(&MetaTypeName::create(&var_type.node.to_string()));
            if var_type.node.nullable && default_value.is_none() && fits {
                let taken = target.default_value.as_deref().and_then(value_of);
                *default_value = taken.map(|value| Positioned::new(value, pos));
            }
        }
    }
}

/// Value of a literal.
fn value_of(literal: &str) -> Option<ConstValue> {
    // The parser reads documents only.
    let document = parse_query(format!("query($it: It = {literal}) {{ it }}")).ok()?;
    let (_, operation) = document.operations.iter().next()?;
    let value = operation.node.variable_definitions.first()?.node.default_value.as_ref()?;
    Some(value.node.clone())
}

/// Collects what the variables of an operation are passed to.
struct Passing<'a> {
    types: &'a Registry,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Fragments that were visited.
    visited: HashSet<&'a str>,
    /// The argument or input field with a default that a variable is passed to; `None` if it is also passed to one with
    /// another default or without any.
    targets: HashMap<&'a str, Option<&'a MetaInputValue>>,
}

impl<'a> Passing<'a> {
    fn selections(&mut self, selections: &'a SelectionSet, on: Option<&'a MetaType>) {
        for selection in &selections.items {
            for directive in selection.node.directives() {
                directive.node.arguments.iter().for_each(|(_, value)| self.value(&value.node, None, None));
            }
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, on),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |it| self.types.types.get(it.node.on.node.as_str()));
                    self.selections(&fragment.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name)
                        && self.visited.insert(name)
                    {
                        let on = self.types.types.get(fragment.node.type_condition.node.on.node.as_str());
                        self.selections(&fragment.node.selection_set.node, on);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field, on: Option<&'a MetaType>) {
        let known = on.and_then(|on| on.field_by_name(&field.name.node));
        for (name, value) in &field.arguments {
            let argument = known.and_then(|known| known.args.get(name.node.as_str()));
            self.value(&value.node, argument.map(|it| it.ty.as_str()), argument);
        }
        let of = known.and_then(|known| self.types.types.get(MetaTypeName::concrete_typename(&known.ty)));
        self.selections(&field.selection_set.node, of);
    }

    /// Collects the variables of a value that is passed to a target. Items of a list have its type, but not its default.
    fn value(&mut self, value: &'a Value, of: Option<&'a str>, target: Option<&'a MetaInputValue>) {
        match value {
            Value::Variable(name) => {
                let target = target.filter(|it| it.default_value.is_some());
                let known = self.targets.entry(name).or_insert(target);
                if known.map(|it| &it.default_value) != target.map(|it| &it.default_value) {
                    *known = None;
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.value(item, of, None)),
            Value::Object(fields) => {
                let of = of.and_then(|of| self.types.types.get(MetaTypeName::concrete_typename(of)));
                for (name, value) in fields {
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
}

#[cfg(test)]
mod tests {
    use async_graphql::{InputObject, Object, OutputType};

    use super::*;

    #[derive(InputObject)]
    struct Window {
        #[graphql(default = 7)]
        days: i32,
        until: Option<String>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn list(&self, #[graphql(default = 20)] first: i32, windows: Option<Vec<Window>>) -> i32 {
            let _ = windows;
            first
        }
        async fn feed(
            &self,
            #[graphql(default = 100)] first: i32,
            #[graphql(default_with = "vec![1]")] of: Vec<i32>,
        ) -> i32 {
            let _ = of;
            first
        }
    }

    /// Default of the first variable, as it is written.
    fn default_of(text: &str) -> Option<String> {
        let mut types = Registry::default();
        Query::create_type_info(&mut types);
        let mut document = parse_query(text).expect("a document");
        take_over(&mut document, &types);
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let declared = &operation.node.variable_definitions.first().expect("a variable").node;
        declared.default_value.as_ref().map(|value| value.node.to_string())
    }

    #[test]
    fn a_variable_without_a_default_takes_over_that_of_its_argument() {
        for (text, expected) in [
            ("query($n: Int) { list(first: $n) again: list(first: $n) }", Some("20")),
            ("query($n: Int) { ...F ...F } fragment F on Query { ... { feed(first: $n) } }", Some("100")),
            ("query($n: [Int!]) { feed(of: $n) }", Some("[1]")),
            ("query($n: Int) { list(windows: [{ days: $n }]) }", Some("7")),
            ("query($n: Int = 3) { list(first: $n) }", Some("3")),
            ("query($n: Int!) { list(first: $n) }", None),
            ("query($n: Int) { list(first: $n) feed(first: $n) }", None),
            ("query($n: Int) { feed(first: $n, of: [$n]) }", None),
            ("query($n: String) { list(windows: { until: $n }) }", None),
            ("query($n: String) { list(first: $n) }", None),
            ("query($n: Int) { list(first: $n) @unknown(of: $n) }", None),
            ("query($n: Int) { unknown(first: $n) }", None),
        ] {
            assert_eq!(default_of(text).as_deref(), expected, "{text}");
        }
    }
}
