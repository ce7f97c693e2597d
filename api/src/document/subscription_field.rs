//! The root field of subscriptions.
//!
//! The library makes a stream of each field that is directly in a subscription, and none of a field in a fragment. So the fields
//! are collected (GraphQL specification, 6.3.2 "Field Collection"), and merged to one field, the only selection.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet, TypeCondition,
    },
};

use super::operations::{operations_mut, root_type};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Maximum number of subscriptions in a document: each gets a copy of the fragments that its root field is in.
pub(super) const MAX_SUBSCRIPTIONS: usize = 10;

/// Merges the root fields of each valid subscription, and removes the fragments that they were in.
pub(super) fn merge(document: &mut ExecutableDocument) {
    if subscriptions(document) > MAX_SUBSCRIPTIONS {
        return;
    }
    let mut merged = HashSet::new();
    for operation in operations_mut(&mut document.operations) {
        let operation = &mut operation.node;
        if operation.ty != OperationType::Subscription {
            continue;
        }
        let Some((field, fragments)) = RootFields::collect(operation, &document.fragments).merged() else {
            continue;
        };
        merged.extend(fragments);
        let pos = field.pos;
        operation.selection_set.node.items = vec![Positioned::new(Selection::Field(field), pos)];
    }
    if !merged.is_empty() {
        remove_unused(document, &merged);
    }
}

/// Number of subscriptions in a document.
pub(super) fn subscriptions(document: &ExecutableDocument) -> usize {
    document.operations.iter().filter(|(_, it)| it.node.ty == OperationType::Subscription).count()
}

/// Root fields of a subscription, with fragments expanded.
#[derive(Default)]
pub(super) struct RootFields<'a> {
    /// The fields in the order of the document.
    pub(super) fields: Vec<&'a Positioned<Field>>,
    /// Position of the first `@skip` or `@include`.
    pub(super) conditional: Option<Pos>,
    fragments: HashSet<&'a Name>,
    /// Whether there is anything that is not valid in a subscription: a directive, or a fragment that is unknown or on another type.
    is_invalid: bool,
}

impl<'a> RootFields<'a> {
    /// Collects the root fields of a subscription.
    pub(super) fn collect(operation: &'a OperationDefinition, fragments: &'a Fragments) -> Self {
        let mut found = Self::default();
        found.add(&operation.selection_set.node, fragments);
        found
    }

    fn add(&mut self, selections: &'a SelectionSet, fragments: &'a Fragments) {
        for selection in &selections.items {
            self.check(selection.node.directives(), None);
            match &selection.node {
                Selection::Field(field) => self.fields.push(field),
                Selection::InlineFragment(fragment) => {
                    self.check(&[], fragment.node.type_condition.as_ref());
                    self.add(&fragment.node.selection_set.node, fragments);
                }
                Selection::FragmentSpread(spread) => {
                    match fragments.get_key_value(&spread.node.fragment_name.node) {
                        Some((name, fragment)) if self.fragments.insert(name) => {
                            self.check(&fragment.node.directives, Some(&fragment.node.type_condition));
                            self.add(&fragment.node.selection_set.node, fragments);
                        }
                        Some(_) => {}
                        None => self.is_invalid = true,
                    }
                }
            }
        }
    }

    fn check(&mut self, directives: &[Positioned<Directive>], condition: Option<&Positioned<TypeCondition>>) {
        let root = root_type(OperationType::Subscription);
        self.is_invalid |=
            !directives.is_empty() || condition.is_some_and(|it| it.node.on.node.as_str() != root);
        let is_conditional =
            |it: &&Positioned<Directive>| matches!(it.node.name.node.as_str(), "skip" | "include");
        let conditional = directives.iter().find(is_conditional).map(|directive| directive.pos);
        self.conditional = self.conditional.or(conditional);
    }

    /// The field that they are merged to, and the fragments that they were in; `None` if they are not valid.
    fn merged(&self) -> Option<(Positioned<Field>, Vec<Name>)> {
        let (first, others) = self.fields.split_first()?;
        let (key, is_leaf) =
            (&first.node.response_key().node, first.node.selection_set.node.items.is_empty());
        let is_other = |other: &&Positioned<Field>| {
            other.node.response_key().node != *key
                || other.node.selection_set.node.items.is_empty() != is_leaf
        };
        if self.is_invalid || others.iter().any(is_other) {
            return None;
        }
        let mut merged = (**first).clone();
        let items = &mut merged.node.selection_set.node.items;
        for other in others {
            items.extend_from_slice(&other.node.selection_set.node.items);
        }
        Some((merged, self.fragments.iter().copied().cloned().collect()))
    }
}

/// Removes those of the fragments that nothing spreads any more: validation would refuse them as unused.
fn remove_unused(document: &mut ExecutableDocument, merged: &HashSet<Name>) {
    let (mut left, mut used) = (Vec::new(), HashSet::new());
    for (_, operation) in document.operations.iter() {
        add_spreads(&operation.node.selection_set.node, &mut left);
    }
    for (name, fragment) in &document.fragments {
        if !merged.contains(name) {
            add_spreads(&fragment.node.selection_set.node, &mut left);
        }
    }
    while let Some(name) = left.pop() {
        if let Some(fragment) = document.fragments.get(&name)
            && merged.contains(&name)
            && used.insert(name)
        {
            add_spreads(&fragment.node.selection_set.node, &mut left);
        }
    }
    document.fragments.retain(|name, _| !merged.contains(name) || used.contains(name));
}

/// Adds the names of the fragments that a selection set spreads.
fn add_spreads(selections: &SelectionSet, names: &mut Vec<Name>) {
    for selection in &selections.items {
        match &selection.node {
            Selection::Field(field) => add_spreads(&field.node.selection_set.node, names),
            Selection::InlineFragment(fragment) => add_spreads(&fragment.node.selection_set.node, names),
            Selection::FragmentSpread(spread) => names.push(spread.node.fragment_name.node.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    /// Names of the root selections of the operation of a document, each with those below it; and names of all fragments.
    fn merged(text: &str) -> (String, Vec<String>) {
        let mut document = parse_query(text).expect("a document");
        merge(&mut document);
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let mut fragments: Vec<_> = document.fragments.keys().map(ToString::to_string).collect();
        fragments.sort_unstable();
        (outline(&operation.node.selection_set.node), fragments)
    }

    fn outline(selections: &SelectionSet) -> String {
        let names = selections.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) if field.node.selection_set.node.items.is_empty() => {
                field.node.response_key().node.to_string()
            }
            Selection::Field(field) => {
                format!("{}({})", field.node.response_key().node, outline(&field.node.selection_set.node))
            }
            Selection::InlineFragment(_) => "...".to_owned(),
            Selection::FragmentSpread(spread) => format!("...{}", spread.node.fragment_name.node),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn root_fields_are_merged_to_one() {
        for (text, expected) in [
            ("subscription { c { a } }", "c(a)"),
            ("subscription { ... on Subscription { ... { c { a } } } c { b }  c { a } }", "c(a b a)"),
            (
                "subscription { ...F c { b } } fragment F on Subscription { ...G } fragment G on Subscription { c { a } }",
                "c(a b)",
            ),
            ("subscription { x: c { a } ... { x: c { b { d } } } }", "x(a b(d))"),
            ("subscription { ...F ...F } fragment F on Subscription { c { a } }", "c(a)"),
        ] {
            assert_eq!(merged(text), (expected.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn fragments_that_are_used_elsewhere_stay() {
        let text =
            "subscription { ...F } fragment F on Subscription { c { ...C } } fragment C on Change { a }
            fragment Unused on Subscription { ...U } fragment U on Subscription { c { a } }";
        let (fields, fragments) = merged(text);
        assert_eq!((fields.as_str(), fragments.join(" ")), ("c(...C)", "C U Unused".to_owned()));
        let text = "subscription { ...F } fragment F on Subscription { c { a ...G } ...G } fragment G on Subscription { c { b } }";
        let (fields, fragments) = merged(text);
        assert_eq!((fields.as_str(), fragments.join(" ")), ("c(a ...G b)", "G".to_owned()));
    }

    #[test]
    fn what_is_not_valid_is_left_to_validation() {
        for (text, expected) in [
            ("{ ... { c { a } } c { b } }", "... c(b)"),
            ("subscription { c { a } d { b } }", "c(a) d(b)"),
            ("subscription { c c { b } }", "c c(b)"),
            ("subscription { ... on Query { c { a } } }", "..."),
            ("subscription { ... @include(if: true) { c { a } } }", "..."),
            ("subscription { c { a } ...Unknown }", "c(a) ...Unknown"),
        ] {
            assert_eq!(merged(text).0, expected, "{text}");
        }
    }
}
