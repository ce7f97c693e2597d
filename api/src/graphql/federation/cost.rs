//! `@cost` and `@listSize` in the printed schema: the declared costs, by which a router estimates an operation before it asks
//! the registry. The registry itself counts more exactly.

use std::collections::{BTreeSet, HashMap};

use async_graphql::{
    Value,
    registry::{MetaDirectiveInvocation, MetaField, MetaType, MetaTypeName, Registry},
};

use crate::graphql::kit::{
    field_policy::{ArgumentCost, Each, FieldPolicy, Items, OBJECT, PARTS, TypePolicy},
    keys::MAX_KEYS,
};

/// Arguments with the number of items of a page.
const SLICING: [&str; 2] = ["first", "last"];
/// Fields of a connection with its items.
const SIZED: [&str; 2] = ["edges", "nodes"];

/// Adds the directives to all fields.
pub(super) fn add(registry: &mut Registry, policies: impl Iterator<Item = &'static TypePolicy>) {
    let mut declared: HashMap<&str, HashMap<&str, FieldPolicy>> = HashMap::new();
    for of in policies {
        declared.entry(of.name).or_default().extend(of.policies().map(|policy| (policy.name, policy)));
    }
    let composite = registry.types.values().filter(|of| of.is_composite());
    let composite: BTreeSet<String> = composite.map(|of| of.name().to_owned()).collect();
    for of in registry.types.values_mut() {
        let (owner, fields, is_object) = match of {
            MetaType::Object { name, fields, .. } => (name.as_str(), fields, true),
            MetaType::Interface { name, fields, .. } => (name.as_str(), fields, false),
            _ => continue,
        };
        let policies = declared.get(owner);
        for field in fields.values_mut() {
            let policy = policies.and_then(|policies| policies.get(field.name.as_str()));
            // A list of other values costs what one value does. Items of a connection count at the field that returns it.
            let is_of_items = composite.contains(MetaTypeName::concrete_typename(&field.ty))
                && !owner.ends_with("Connection");
            let size = is_of_items.then(|| list_size(field, policy)).flatten();
            field.directive_invocations.extend(size);
            // Composition refuses costs on interfaces.
            if let Some(policy) = policy.filter(|_| is_object) {
                add_costs(field, policy);
            }
        }
    }
}

/// `@listSize` of a field; `None` if it is neither a list nor a connection.
fn list_size(field: &MetaField, policy: Option<&FieldPolicy>) -> Option<MetaDirectiveInvocation> {
    let slicing: Vec<_> = SLICING.into_iter().filter(|name| field.args.contains_key(*name)).collect();
    if !slicing.is_empty() {
        // Without one, the router assumes its own default. No `assumedSize`: for some routers it comes before the arguments.
        return Some(directive(
            "listSize",
            [
                ("slicingArguments", names(&slicing)),
                ("sizedFields", names(&SIZED)),
                ("requireOneSlicingArgument", Value::from(false)),
            ],
        ));
    }
    let items = match policy.map_or(Items::Default, |policy| policy.items) {
        Items::Times(items) => items,
        // A list of keys, which cannot be a slicing argument: those are numbers.
        Items::Argument(_) => MAX_KEYS as u64,
        Items::Default => Items::OF_A_LIST,
    };
    field.ty.starts_with('[').then(|| directive("listSize", [("assumedSize", Value::from(items))]))
}

/// Adds `@cost` to a field and to its arguments. Routers count that of an argument once, however many items or words it has,
/// and know no costs of single members of an enum.
fn add_costs(field: &mut MetaField, policy: &FieldPolicy) {
    if policy.points > 0 {
        field.directive_invocations.push(cost(policy.points * PARTS));
    }
    let is_of_any_value = |argument: &&ArgumentCost| !matches!(argument.each, Each::Member(_));
    for argument in policy.arguments.iter().filter(is_of_any_value) {
        if let Some(known) = field.args.get_mut(argument.name) {
            known.directive_invocations.push(cost(argument.parts));
        }
    }
}

/// `@cost` of so many parts of a point, in objects: a router counts one for each object, and nothing for other values.
fn cost(parts: u64) -> MetaDirectiveInvocation {
    directive("cost", [("weight", Value::from(parts.div_ceil(OBJECT)))])
}

fn names(names: &[&str]) -> Value {
    Value::List(names.iter().map(|name| Value::from(*name)).collect())
}

fn directive<const N: usize>(name: &str, arguments: [(&str, Value); N]) -> MetaDirectiveInvocation {
    let args = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    MetaDirectiveInvocation { name: name.to_owned(), args }
}
