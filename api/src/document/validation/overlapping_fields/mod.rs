//! Fields with one response key that cannot be merged (GraphQL specification, 5.3.2 "Field Selection Merging").
//!
//! The specification compares all pairs of fields. Here the fields of a selection set are grouped by response key, each is
//! compared with the first of its group, and the selection sets of a group are checked as one (Simon Adameit, "GraphQL:
//! Overlapping fields can be merged, fast"). So the work grows with the number of fields, and not with its square.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, ServerError,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet},
    registry::{MetaType, MetaTypeName, Registry},
};
use async_graphql_value::Value;

use super::{MAX_ERRORS, error};
use crate::document::operations::root_type;

/// Maximum number of steps for a document. Selections of an interface and of its types under one key are checked once for
/// each type, at each level again; documents within the limits of selections need far less, except for attacks.
const MAX_STEPS: usize = 200_000;

/// Checks the fields of all operations.
pub(super) fn check(document: &ExecutableDocument, types: &Registry) -> Vec<ServerError> {
    let mut merging = Merging { types, fragments: &document.fragments, steps: MAX_STEPS, errors: Vec::new() };
    for (_, operation) in document.operations.iter() {
        let root = types.types.get(root_type(operation.node.ty));
        let (sets, known) = ([(&operation.node.selection_set.node, root)], merging.errors.len());
        merging.check_fields(&sets);
        // Different fields often have different types, too: one error is enough.
        if merging.errors.len() == known {
            merging.check_types(&sets);
        }
    }
    if merging.steps == 0 {
        let text = "Too many fields have the same response keys; select fewer fields, or give them different aliases.";
        merging.errors.push(error(text.to_owned(), Vec::new()));
    }
    merging.errors
}

/// A field, and the type that it is selected on; `None` if that is not in the registry, as the types of introspection.
#[derive(Clone, Copy)]
struct Selected<'a> {
    field: &'a Positioned<Field>,
    on: Option<&'a MetaType>,
}

impl<'a> Selected<'a> {
    /// The object type that it is selected on; `None` for an interface or a union.
    fn object(self) -> Option<&'a str> {
        match self.on {
            Some(MetaType::Object { name, .. }) => Some(name.as_str()),
            _ => None,
        }
    }

    /// Whether it may be selected on an object of a type, as any is on `None`.
    fn may_be_of(self, object: Option<&str>) -> bool {
        self.object().is_none_or(|its| object.is_none_or(|object| its == object))
    }

    /// Type of its value; `None` if it is not in the registry.
    fn value_type(self) -> Option<&'a str> {
        match self.field.node.name.node.as_str() {
            "__typename" => Some("String!"),
            name => self.on?.field_by_name(name).map(|field| field.ty.as_str()),
        }
    }
}

/// A selection set, and the type that it is on.
type SetOn<'a> = (&'a SelectionSet, Option<&'a MetaType>);

/// Fields by their response keys.
type Fields<'a> = IndexMap<&'a str, Vec<Selected<'a>>>;

struct Merging<'a> {
    types: &'a Registry,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Steps that are left.
    steps: usize,
    errors: Vec<ServerError>,
}

impl<'a> Merging<'a> {
    /// Fields of one object under one key are the same field with the same arguments.
    fn check_fields(&mut self, sets: &[SetOn<'a>]) {
        for (key, fields) in self.fields(sets) {
            for object in objects(&fields) {
                let fields: Vec<_> = fields.iter().copied().filter(|it| it.may_be_of(object)).collect();
                if !self.may_go_on(fields.len()) {
                    return;
                }
                let Some((first, others)) = fields.split_first() else { continue };
                let conflict =
                    others.iter().find_map(|other| Some((*other, self.difference(*first, *other)?)));
                match conflict {
                    Some((other, reason)) => self.report(key, [*first, other], &reason),
                    None => self.check_fields(&self.below(&fields)),
                }
            }
        }
    }

    /// Fields under one key have values of the same form, even if they are fields of different objects.
    fn check_types(&mut self, sets: &[SetOn<'a>]) {
        for (key, fields) in self.fields(sets) {
            if !self.may_go_on(fields.len()) {
                return;
            }
            let mut known = fields.iter().filter_map(|it| Some((*it, it.value_type()?)));
            let conflict = known.next().and_then(|(first, of)| {
                let (other, its) = known.find(|(_, its)| !are_merged(self.types, of, its))?;
                Some(([first, other], format!("they have the types `{of}` and `{its}`")))
            });
            match conflict {
                Some((fields, reason)) => self.report(key, fields, &reason),
                None => self.check_types(&self.below(&fields)),
            }
        }
    }

    /// Takes steps; `false` if none are left, or enough errors are found.
    fn may_go_on(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0 && self.errors.len() < MAX_ERRORS
    }

    /// Fields of selection sets, with fragments expanded.
    fn fields(&mut self, sets: &[SetOn<'a>]) -> Fields<'a> {
        let (mut fields, mut visited) = (Fields::new(), HashSet::new());
        sets.iter().for_each(|set| self.collect(*set, &mut fields, &mut visited));
        fields
    }

    fn collect(&mut self, (set, on): SetOn<'a>, fields: &mut Fields<'a>, visited: &mut HashSet<&'a str>) {
        for selection in &set.items {
            if !self.may_go_on(1) {
                return;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    fields.entry(key).or_default().push(Selected { field, on });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |it| self.types.types.get(it.node.on.node.as_str()));
                    self.collect((&fragment.node.selection_set.node, on), fields, visited);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name)
                        && visited.insert(name)
                    {
                        let on = self.types.types.get(fragment.node.type_condition.node.on.node.as_str());
                        self.collect((&fragment.node.selection_set.node, on), fields, visited);
                    }
                }
            }
        }
    }

    /// Selection sets of fields.
    fn below(&self, fields: &[Selected<'a>]) -> Vec<SetOn<'a>> {
        let sets = fields.iter().map(|it| {
            let of = it.value_type().and_then(|of| self.types.types.get(MetaTypeName::concrete_typename(of)));
            (&it.field.node.selection_set.node, of)
        });
        sets.filter(|(set, _)| !set.items.is_empty()).collect()
    }

    /// Why two fields are not the same field with the same arguments.
    fn difference(&mut self, first: Selected<'a>, other: Selected<'a>) -> Option<String> {
        let (first, other) = (&first.field.node, &other.field.node);
        if first.name.node != other.name.node {
            return Some(format!("`{}` and `{}` are different fields", first.name.node, other.name.node));
        }
        // A field may be compared in many places.
        let sizes = other.arguments.iter().map(|(_, value)| size(&value.node));
        self.may_go_on(other.arguments.len().pow(2) + sizes.sum::<usize>());
        let are_same = first.arguments.len() == other.arguments.len()
            && other.arguments.iter().all(|(name, value)| first.get_argument(&name.node) == Some(value));
        (!are_same).then(|| "they have different arguments".to_owned())
    }

    fn report(&mut self, key: &str, fields: [Selected<'a>; 2], reason: &str) {
        let locations = fields.map(|it| it.field.pos).to_vec();
        if self.errors.iter().all(|known| known.locations != locations) {
            let message = format!("Fields `{key}` conflict: {reason}; give one of them another alias.");
            self.errors.push(error(message, locations));
        }
    }
}

/// Object types that fields are selected on; only `None`, for any object, if there are not several.
fn objects<'a>(fields: &[Selected<'a>]) -> Vec<Option<&'a str>> {
    let mut objects: Vec<_> = fields.iter().filter_map(|it| it.object()).map(Some).collect();
    objects.sort_unstable();
    objects.dedup();
    if objects.len() < 2 { vec![None] } else { objects }
}

/// Whether values of two types can be merged: both are the same lists, nullable or not, of the same scalar or enum, or of objects.
fn are_merged(types: &Registry, one: &str, other: &str) -> bool {
    let is_composite = |name: &str| types.types.get(name).is_some_and(MetaType::is_composite);
    match (MetaTypeName::create(one), MetaTypeName::create(other)) {
        (MetaTypeName::NonNull(one), MetaTypeName::NonNull(other))
        | (MetaTypeName::List(one), MetaTypeName::List(other)) => are_merged(types, one, other),
        (MetaTypeName::Named(one), MetaTypeName::Named(other)) => {
            one == other || is_composite(one) && is_composite(other)
        }
        _ => false,
    }
}

/// Number of values in a value.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(size).sum::<usize>() + 1,
        Value::Object(fields) => fields.values().map(size).sum::<usize>() + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
