//! Paths of values that a scalar or an input object cannot read, and what to write. async-graphql tells only the position of the
//! argument.

use std::{borrow::Cow, convert::Infallible};

use async_graphql::{
    Name, Pos, Positioned, ServerError, Value, Variables,
    parser::types::{Selection, SelectionSet},
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value as ArgumentValue;

use super::{cache::Document, operations::root_type};
use crate::graphql::kit::scalar;

/// Beginnings of async-graphql's messages on a value that a scalar or an input object does not accept.
const NOT_READ: [&str; 2] = ["Failed to parse", "Expected input type"];

/// Beginning of async-graphql's messages on a value that does not fit its argument.
const NOT_FIT: &str = "Invalid value for argument";

/// Ends of async-graphql's messages on a `@oneOf` input object that does not have exactly one value.
const NOT_ONE: [&str; 2] = [
    "Oneof input objects requires have exactly one field",
    "Oneof Input Objects require that exactly one field must be supplied and that field must not be null",
];

/// End of async-graphql's message on a value that is no `ID`, and what to write.
const NO_ID: &str = "expected type \"ID\"";
const ID_FORM: &str = "; write a text, or an integer from -2^63 to 2^63-1.";

/// Rewrites the errors of values that cannot be read: they tell the path of the value, and what to write. A null for an argument
/// with a default is to be omitted.
pub(super) fn explain(document: &Document, types: &Registry, values: &Variables, errors: &mut [ServerError]) {
    for error in errors.iter_mut().filter(|error| error.source.is_none()) {
        if let Some(start) = NOT_ONE.iter().find_map(|end| error.message.strip_suffix(*end)) {
            error.message = format!("{start}give exactly one field, which is not null.");
        } else if error.message.ends_with(NO_ID) {
            error.message.push_str(ID_FORM);
        }
    }
    let is_unread = |message: &str| NOT_READ.iter().any(|beginning| message.starts_with(beginning));
    for error in errors.iter_mut().filter(|error| error.source.is_none() && is_unread(&error.message)) {
        let argument = error.locations.first().and_then(|at| argument_at(document, types, *at));
        let found = argument.and_then(|(name, declared, value)| {
            unreadable(types, &declared.ty, &with_variables(value, values)?, name)
        });
        if let Some((path, form)) = found {
            error.message = format!("Invalid value at `{path}`: {form}.");
        }
    }
    let does_not_fit =
        |error: &&mut ServerError| error.source.is_none() && error.message.starts_with(NOT_FIT);
    for error in errors.iter_mut().filter(does_not_fit) {
        let argument = error.locations.first().and_then(|at| argument_at(document, types, *at));
        let is_null = argument.is_some_and(|(_, declared, value)| {
            declared.default_value.is_some() && with_variables(value, values) == Some(Value::Null)
        });
        if is_null {
            error.message.push_str(". Null is no value here: omit it, and the default applies.");
        }
    }
}

/// A value with the values of its variables.
fn with_variables(value: &ArgumentValue, values: &Variables) -> Option<Value> {
    let of_variable = |name: Name| Ok::<_, Infallible>(values.get(&name).cloned().unwrap_or_default());
    value.clone().into_const_with(of_variable).ok()
}

/// The argument whose name or value is at a position: its name, its declaration, and the value.
fn argument_at<'a>(
    document: &'a Document,
    types: &'a Registry,
    at: Pos,
) -> Option<(&'a Name, &'a MetaInputValue, &'a ArgumentValue)> {
    let operations = document.parsed.operations.iter().map(|(_, operation)| {
        (&operation.node.selection_set.node, types.types.get(root_type(operation.node.ty)))
    });
    let fragments = document.parsed.fragments.values().map(|fragment| {
        let on = fragment.node.type_condition.node.on.node.as_str();
        (&fragment.node.selection_set.node, types.types.get(on))
    });
    operations.chain(fragments).find_map(|(selections, of)| argument_in(types, selections, of, at))
}

/// The argument at a position in a selection set, fragments left out.
fn argument_in<'a>(
    types: &'a Registry,
    selections: &'a SelectionSet,
    of: Option<&'a MetaType>,
    at: Pos,
) -> Option<(&'a Name, &'a MetaInputValue, &'a ArgumentValue)> {
    selections.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => {
            let field = &field.node;
            let known = of?.field_by_name(&field.name.node)?;
            let is_here = |argument: &&(Positioned<Name>, Positioned<ArgumentValue>)| {
                argument.0.pos == at || argument.1.pos == at
            };
            if let Some((name, value)) = field.arguments.iter().find(is_here) {
                let declared = known.args.get(name.node.as_str())?;
                return Some((&name.node, declared, &value.node));
            }
            let kind = types.types.get(MetaTypeName::concrete_typename(&known.ty));
            argument_in(types, &field.selection_set.node, kind, at)
        }
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref();
            let of = condition.map_or(of, |on| types.types.get(on.node.on.node.as_str()));
            argument_in(types, &fragment.node.selection_set.node, of, at)
        }
        Selection::FragmentSpread(_) => None,
    })
}

/// Path of the first value that cannot be read, and what to write; `path` is that of the value itself.
fn unreadable(
    types: &Registry,
    kind: &str,
    value: &Value,
    path: &str,
) -> Option<(String, Cow<'static, str>)> {
    match (MetaTypeName::create(kind), value) {
        (_, Value::Null) => None,
        (MetaTypeName::NonNull(kind), value) => unreadable(types, kind, value, path),
        (MetaTypeName::List(kind), Value::List(items)) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| unreadable(types, kind, item, &format!("{path}[{index}]")))
        }
        (MetaTypeName::List(kind), value) => unreadable(types, kind, value, path),
        (MetaTypeName::Named(kind), value) => match (types.types.get(kind)?, value) {
            (MetaType::Scalar { .. }, value) => {
                (!scalar::can_read(kind, value)).then(|| (path.to_owned(), scalar::form(kind).into()))
            }
            (MetaType::InputObject { input_fields, .. }, Value::Object(fields)) => {
                fields.iter().find_map(|(name, field)| {
                    let declared = input_fields.get(name.as_str())?;
                    unreadable(types, &declared.ty, field, &format!("{path}.{name}"))
                })
            }
            (MetaType::InputObject { input_fields, .. }, value) => {
                let example = match value {
                    Value::Enum(word) => example(types, input_fields.values(), word),
                    Value::String(word) => example(types, input_fields.values(), word),
                    _ => None,
                };
                let form = "write an object";
                let form = example.map_or(form.into(), |example| format!("{form}: `{example}`").into());
                Some((path.to_owned(), form))
            }
            _ => None,
        },
    }
}

/// The object that a word stands for which joins enum values of its fields: `TITLE_DESC` is `{ field: TITLE, direction: DESC }`.
fn example<'a>(
    types: &Registry,
    fields: impl Iterator<Item = &'a MetaInputValue>,
    word: &str,
) -> Option<String> {
    let (mut rest, mut parts) = (word, Vec::new());
    for field in fields {
        let Some(MetaType::Enum { enum_values, .. }) =
            types.types.get(MetaTypeName::concrete_typename(&field.ty))
        else {
            continue;
        };
        let ends =
            enum_values.keys().filter_map(move |value| Some((value, rest.strip_prefix(value.as_str())?)));
        let ends = ends.filter(|(_, end)| end.is_empty() || end.starts_with('_'));
        if let Some((value, end)) = ends.min_by_key(|(_, end)| end.len()) {
            parts.push(format!("{}: {value}", field.name));
            rest = end.trim_start_matches('_');
        }
    }
    (rest.is_empty() && !parts.is_empty()).then(|| format!("{{ {} }}", parts.join(", ")))
}
