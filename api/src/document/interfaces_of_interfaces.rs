//! Interfaces of interfaces in introspection.
//!
//! `interfaces` of an interface is a list (GraphQL specification, 4.2.2), for which the library gives null. So a document that
//! selects `interfaces` also selects the kind and the name of the type, and the interfaces of all types that implement it,
//! under keys that no document can have. From them the list is made.

use async_graphql::{
    Name, Pos, Positioned, Value,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet},
    registry::Registry,
};

use super::operations::operations_mut;

/// Name of the selected field.
const INTERFACES: &str = "interfaces";
/// Beginnings of the response keys of the added fields; the key of the selected one follows. No alias is equal to them, because
/// names in a document have no spaces.
const KIND: &str = "kind of ";
const NAME: &str = "name of ";
const TYPES: &str = "types of ";
/// Response keys below [`TYPES`]: the interfaces of a type, and the name of each.
const THEIRS: &str = "their interfaces";
const THEIR_NAME: &str = "their name";

/// Fields of introspection whose value is of the type `__Type`, or a list of it.
const OF_TYPES: [&str; 9] = [
    "__type",
    "types",
    "queryType",
    "mutationType",
    "subscriptionType",
    "type",
    "ofType",
    INTERFACES,
    "possibleTypes",
];

/// What a selection set is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// `__Type`.
    Type,
    /// Another type of introspection.
    Introspection,
    /// Any other type.
    Data,
}

impl On {
    fn named(name: &str) -> Self {
        match name {
            "__Type" => Self::Type,
            _ if name.starts_with("__") => Self::Introspection,
            _ => Self::Data,
        }
    }

    /// Type of a field.
    fn field(self, name: &str) -> Self {
        match name {
            "__schema" => Self::Introspection,
            "__type" => Self::Type,
            _ if self == Self::Data => Self::Data,
            _ if OF_TYPES.contains(&name) => Self::Type,
            _ => Self::Introspection,
        }
    }
}

/// Adds the fields to a document; returns whether it selects `interfaces`.
pub fn select(document: &mut ExecutableDocument) -> bool {
    let mut any = false;
    for operation in operations_mut(&mut document.operations) {
        any |= select_in(&mut operation.node.selection_set.node, On::Data);
    }
    for fragment in document.fragments.values_mut() {
        let on = On::named(&fragment.node.type_condition.node.on.node);
        any |= select_in(&mut fragment.node.selection_set.node, on);
    }
    any
}

fn select_in(selections: &mut SelectionSet, on: On) -> bool {
    let mut any = false;
    let mut added = Vec::new();
    for selection in &mut selections.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let below = on.field(&field.node.name.node);
                any |= select_in(&mut field.node.selection_set.node, below);
                // Without a selection, it is not valid.
                if on == On::Type
                    && field.node.name.node == INTERFACES
                    && !field.node.selection_set.node.items.is_empty()
                {
                    added.extend(beside(field));
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let on = condition.map_or(on, |condition| On::named(&condition.node.on.node));
                any |= select_in(&mut fragment.node.selection_set.node, on);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
    any |= !added.is_empty();
    selections.items.extend(added);
    any
}

/// What is selected beside `interfaces`, under the same conditions.
fn beside(interfaces: &Positioned<Field>) -> [Positioned<Selection>; 3] {
    let (key, at) = (&interfaces.node.response_key().node, interfaces.pos);
    let Field { directives, selection_set, .. } = &interfaces.node;
    let mut items = selection_set.node.items.clone();
    items.push(field(at, (THEIR_NAME, "name"), &[], Vec::new()));
    let theirs = field(at, (THEIRS, INTERFACES), &[], items);
    [
        field(at, (&format!("{KIND}{key}"), "kind"), directives, Vec::new()),
        field(at, (&format!("{NAME}{key}"), "name"), directives, Vec::new()),
        field(at, (&format!("{TYPES}{key}"), "possibleTypes"), directives, vec![theirs]),
    ]
}

fn field(
    at: Pos,
    (alias, name): (&str, &str),
    directives: &[Positioned<Directive>],
    items: Vec<Positioned<Selection>>,
) -> Positioned<Selection> {
    let field = Field {
        alias: Some(Positioned::new(Name::new(alias), at)),
        name: Positioned::new(Name::new(name), at),
        arguments: Vec::new(),
        directives: directives.to_vec(),
        selection_set: Positioned::new(SelectionSet { items }, at),
    };
    Positioned::new(Selection::Field(Positioned::new(field, at)), at)
}

/// Sets the interfaces of interfaces in response data, and removes the added fields. `types` are those of the schema, with the
/// interfaces that each implements.
pub fn complete(data: &mut Value, types: &Registry) {
    match data {
        Value::Object(fields) => {
            let keys: Vec<String> =
                fields.keys().filter_map(|key| key.strip_prefix(KIND)).map(str::to_owned).collect();
            for key in keys {
                let mut take = |beginning: &str| fields.shift_remove(format!("{beginning}{key}").as_str());
                let (kind, name, implementing) = (take(KIND), take(NAME), take(TYPES));
                if matches!(kind, Some(Value::Enum(kind)) if kind.as_str() == "INTERFACE") {
                    let interfaces = declared(name, implementing, types).unwrap_or_default();
                    fields.insert(Name::new(&key), Value::List(interfaces));
                }
            }
            fields.values_mut().for_each(|value| complete(value, types));
        }
        Value::List(items) => items.iter_mut().for_each(|item| complete(item, types)),
        _ => {}
    }
}

/// Interfaces that an interface implements: each type that implements it implements them, too. `None` if there are none.
fn declared(name: Option<Value>, implementing: Option<Value>, types: &Registry) -> Option<Vec<Value>> {
    let (Value::String(name), Value::List(implementing)) = (name?, implementing?) else { return None };
    let declared = types.implements.get(&name)?;
    let Value::Object(mut first) = implementing.into_iter().next()? else { return None };
    let Value::List(theirs) = first.shift_remove(THEIRS)? else { return None };
    let named = theirs.into_iter().filter_map(|interface| {
        let Value::Object(mut fields) = interface else { return None };
        let Some(Value::String(name)) = fields.shift_remove(THEIR_NAME) else { return None };
        declared.contains(&name).then_some(Value::Object(fields))
    });
    Some(named.collect())
}
