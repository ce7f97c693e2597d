//! Values of arguments: variables whose type their position does not accept (GraphQL specification, 5.8.5 "All Variable
//! Usages Are Allowed"), and strings in place of enum values.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{
        ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{ConstValue, Value};

use super::{MAX_ERRORS, error};
use crate::document::operations::root_type;

/// Types that every schema has, even if it does not use them.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// Checks the values of all operations. Also returns the nullable variables that are passed to positions which accept null
/// only as "no value".
pub(super) fn check(document: &ExecutableDocument, types: &Registry) -> (Vec<ServerError>, HashSet<Name>) {
    let (mut errors, mut not_null) = (Vec::new(), HashSet::new());
    for (_, operation) in document.operations.iter() {
        let mut checking = Checking {
            types,
            fragments: &document.fragments,
            visited: HashSet::new(),
            declared: declared(&operation.node, types),
            not_null: &mut not_null,
            errors: &mut errors,
        };
        checking.defaults(&operation.node);
        let root = types.types.get(root_type(operation.node.ty));
        checking.selections(&operation.node.selection_set.node, root);
    }
    (errors, not_null)
}

/// A variable as an operation declares it.
struct Declared {
    pos: Pos,
    /// Its type in GraphQL notation.
    kind: String,
    /// Whether it has a default that is not null.
    has_default: bool,
}

/// Variables of an operation by name. Validation by the library reports unknown types.
fn declared<'a>(operation: &'a OperationDefinition, types: &Registry) -> HashMap<&'a str, Declared> {
    let declared = operation.variable_definitions.iter().filter_map(|definition| {
        let kind = definition.node.var_type.node.to_string();
        let name = MetaTypeName::concrete_typename(&kind);
        if !types.types.contains_key(name) && !BUILT_IN.contains(&name) {
            return None;
        }
        let default = definition.node.default_value.as_ref();
        let has_default = default.is_some_and(|default| default.node != ConstValue::Null);
        Some((definition.node.name.node.as_str(), Declared { pos: definition.pos, kind, has_default }))
    });
    declared.collect()
}

/// Where a value is passed to.
#[derive(Clone, Copy)]
struct Position<'a> {
    /// Type in GraphQL notation.
    kind: &'a str,
    has_default: bool,
    /// Whether its value must not be null: its type is non-null, or it is a field of a `@oneOf` input object.
    is_non_null: bool,
}

impl<'a> Position<'a> {
    /// An item of a list, or an argument of a directive.
    fn of(kind: &'a str) -> Self {
        Self { kind, has_default: false, is_non_null: kind.ends_with('!') }
    }

    /// An argument or an input field.
    fn declared(declared: &'a MetaInputValue) -> Self {
        Self { has_default: declared.default_value.is_some(), ..Self::of(&declared.ty) }
    }
}

/// What is wrong with a value.
struct Fault {
    /// Path of the value within that of the argument.
    path: String,
    reason: Reason,
}

enum Reason {
    /// A string in place of an enum value.
    Quoted,
    /// A variable, with its declared type, where another type is needed.
    Variable { name: Name, pos: Pos, kind: String, needed: String },
}

impl Fault {
    fn below(self, step: &str) -> Self {
        Self { path: format!("{step}{}", self.path), ..self }
    }
}

/// Checks the values in an operation; each fragment is visited once.
struct Checking<'a> {
    types: &'a Registry,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    visited: HashSet<&'a str>,
    declared: HashMap<&'a str, Declared>,
    not_null: &'a mut HashSet<Name>,
    errors: &'a mut Vec<ServerError>,
}

impl<'a> Checking<'a> {
    /// Checks the default values of variables.
    fn defaults(&mut self, operation: &'a OperationDefinition) {
        for definition in &operation.variable_definitions {
            if let Some(default) = &definition.node.default_value {
                let kind = definition.node.var_type.node.to_string();
                let fault = self.fault(&default.node.clone().into_value(), Position::of(&kind));
                self.report(&format!("${}", definition.node.name.node), default.pos, fault);
            }
        }
    }

    fn selections(&mut self, selections: &'a SelectionSet, on: Option<&'a MetaType>) {
        for selection in &selections.items {
            for directive in selection.node.directives() {
                if matches!(directive.node.name.node.as_str(), "skip" | "include") {
                    self.arguments(&directive.node.arguments, |_| Some(Position::of("Boolean!")));
                }
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
        let name = field.name.node.as_str();
        let known = on.and_then(|on| on.field_by_name(name));
        self.arguments(&field.arguments, |argument| match known {
            Some(known) => known.args.get(argument).map(Position::declared),
            None => of_introspection(name, argument),
        });
        let of = known.and_then(|known| self.types.types.get(MetaTypeName::concrete_typename(&known.ty)));
        self.selections(&field.selection_set.node, of);
    }

    fn arguments(
        &mut self,
        arguments: &[(Positioned<Name>, Positioned<Value>)],
        position: impl Fn(&str) -> Option<Position<'a>>,
    ) {
        for (name, value) in arguments {
            let Some(position) = position(&name.node) else { continue };
            let fault = self.fault(&value.node, position);
            self.report(&name.node, value.pos, fault);
        }
    }

    /// The first fault of a value.
    fn fault(&mut self, value: &Value, position: Position<'_>) -> Option<Fault> {
        let types = self.types;
        match (MetaTypeName::create(position.kind), value) {
            (_, Value::Variable(name)) => self.variable(name, position),
            (MetaTypeName::NonNull(kind), value) => self.fault(value, Position::of(kind)),
            (MetaTypeName::List(kind), Value::List(items)) => {
                items.iter().enumerate().find_map(|(index, item)| {
                    Some(self.fault(item, Position::of(kind))?.below(&format!("[{index}]")))
                })
            }
            (MetaTypeName::List(kind), value) => self.fault(value, Position::of(kind)),
            (MetaTypeName::Named(kind), value) => match (types.types.get(kind)?, value) {
                (MetaType::Enum { .. }, Value::String(_)) => {
                    Some(Fault { path: String::new(), reason: Reason::Quoted })
                }
                (MetaType::InputObject { input_fields, oneof, .. }, Value::Object(fields)) => {
                    fields.iter().find_map(|(name, value)| {
                        let mut position = Position::declared(input_fields.get(name.as_str())?);
                        position.is_non_null |= *oneof;
                        Some(self.fault(value, position)?.below(&format!(".{name}")))
                    })
                }
                _ => None,
            },
        }
    }

    /// The fault of a variable at a position. A default, its own or that of the position, applies if it has no value.
    fn variable(&mut self, name: &Name, position: Position<'_>) -> Option<Fault> {
        let declared = self.declared.get(name.as_str())?;
        let (needed, kind) = (MetaTypeName::create(position.kind), MetaTypeName::create(&declared.kind));
        let may_be_null = position.is_non_null && !kind.is_non_null();
        let has_default = declared.has_default || position.has_default;
        let needed = if may_be_null && has_default { needed.unwrap_non_null() } else { needed };
        if accepts(needed, kind) && (has_default || !may_be_null) {
            if may_be_null {
                self.not_null.insert(name.clone());
            }
            return None;
        }
        let end = if position.is_non_null && !position.kind.ends_with('!') { "!" } else { "" };
        let reason = Reason::Variable {
            name: name.clone(),
            pos: declared.pos,
            kind: declared.kind.clone(),
            needed: format!("{}{end}", position.kind),
        };
        Some(Fault { path: String::new(), reason })
    }

    fn report(&mut self, argument: &str, pos: Pos, fault: Option<Fault>) {
        let Some(Fault { path, reason }) = fault.filter(|_| self.errors.len() < MAX_ERRORS) else { return };
        self.errors.push(match reason {
            Reason::Quoted => {
                let text = format!("Invalid value at `{argument}{path}`: write the enum value without quotes.");
                error(text, vec![pos])
            }
            Reason::Variable { name, pos: declared, kind, needed } => {
                let text = format!(
                    "The variable `${name}` has the type `{kind}`, but `{argument}{path}` needs `{needed}`; declare it so."
                );
                error(text, vec![declared, pos])
            }
        });
    }
}

/// Position of an argument of an introspection field: the registry does not have these fields.
fn of_introspection(field: &str, argument: &str) -> Option<Position<'static>> {
    match (field, argument) {
        ("__type", "name") => Some(Position::of("String!")),
        ("fields" | "enumValues" | "inputFields", "includeDeprecated") => {
            Some(Position { has_default: true, ..Position::of("Boolean!") })
        }
        _ => None,
    }
}

/// Whether a position accepts all values of a variable's type.
fn accepts(needed: MetaTypeName<'_>, variable: MetaTypeName<'_>) -> bool {
    let below = |one: &str, other: &str| accepts(MetaTypeName::create(one), MetaTypeName::create(other));
    match (needed, variable) {
        (MetaTypeName::NonNull(needed), MetaTypeName::NonNull(variable))
        | (MetaTypeName::List(needed), MetaTypeName::List(variable)) => below(needed, variable),
        (MetaTypeName::NonNull(_), _) => false,
        (needed, MetaTypeName::NonNull(variable)) => accepts(needed, MetaTypeName::create(variable)),
        (MetaTypeName::Named(needed), MetaTypeName::Named(variable)) => needed == variable,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
