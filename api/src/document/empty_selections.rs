//! Objects of which no field is selected.
//!
//! An object whose fragments do not apply, or whose fields are all skipped, is `{}` (GraphQL specification, 6.4.3). The
//! library gives null for it, as if there were no such object. So a selection set that may turn out empty also selects
//! `__typename` under a key that no document can have, which is removed from the response. It also tells the type of objects
//! whose fields are put in order afterwards, see [`super::field_order`].

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, OperationType, Selection, SelectionSet,
    },
    registry::{MetaType, MetaTypeName, Registry},
};

use super::operations::{operations_mut, root_type};
use crate::graphql::kit::async_fields::AsyncFields;

/// Response key of the added field. No alias is equal to it, because names in a document have no spaces.
pub(super) const MARK: &str = "not empty";

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Marks the selection sets of a document that may turn out empty, and those with fields that wait whose fields depend on the
/// type of the object; returns whether there are any.
pub fn mark(document: &mut ExecutableDocument, types: &Registry, async_fields: &AsyncFields) -> bool {
    let fragments = document.fragments.clone();
    let never_empty = HashMap::new();
    let mut marking = Marking { fragments: &fragments, types, async_fields, never_empty, any: false };
    for operation in operations_mut(&mut document.operations) {
        let (root, selections) = (root_type(operation.node.ty), &mut operation.node.selection_set);
        match operation.node.ty {
            // A subscription has exactly one root field.
            OperationType::Subscription => marking.below(selections, Some(root)),
            OperationType::Query | OperationType::Mutation => marking.set(selections, Some(root)),
        }
    }
    for fragment in document.fragments.values_mut() {
        let on = fragment.node.type_condition.node.on.node.to_string();
        marking.below(&mut fragment.node.selection_set, Some(&on));
    }
    marking.any
}

/// Removes the added fields from response data.
pub fn unmark(data: &mut Value) {
    match data {
        Value::Object(fields) => {
            fields.shift_remove(MARK);
            fields.values_mut().for_each(unmark);
        }
        Value::List(items) => items.iter_mut().for_each(unmark),
        _ => {}
    }
}

struct Marking<'a> {
    fragments: &'a Fragments,
    types: &'a Registry,
    async_fields: &'a AsyncFields,
    /// Fragments that were looked at, and whether they always select a field.
    never_empty: HashMap<Name, bool>,
    any: bool,
}

impl Marking<'_> {
    /// Marks the selection set of a field or an operation, and those below. `None`: a type that is not in the schema.
    fn set(&mut self, selections: &mut Positioned<SelectionSet>, on: Option<&str>) {
        self.below(selections, on);
        let is_unmarked =
            self.is_never_empty(&selections.node, on) && !self.is_ordered_by_type(selections, on);
        if selections.node.items.is_empty() || is_unmarked {
            return;
        }
        let pos = selections.pos;
        let field = Field {
            alias: Some(Positioned::new(Name::new(MARK), pos)),
            name: Positioned::new(Name::new("__typename"), pos),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::new(SelectionSet::default(), pos),
        };
        selections.node.items.push(Positioned::new(Selection::Field(Positioned::new(field, pos)), pos));
        self.any = true;
    }

    /// Marks the selection sets of the fields of a selection set.
    fn below(&mut self, selections: &mut Positioned<SelectionSet>, on: Option<&str>) {
        for selection in &mut selections.node.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    let below = on.and_then(|on| type_of(self.types, on, name)).map(str::to_owned);
                    self.set(&mut field.node.selection_set, below.as_deref());
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let condition = condition.map(|condition| condition.node.on.node.to_string());
                    self.below(&mut fragment.node.selection_set, condition.as_deref().or(on));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether at least one field is selected, whatever the variables and the concrete type are.
    fn is_never_empty(&mut self, selections: &SelectionSet, on: Option<&str>) -> bool {
        selections.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => !is_conditional(&field.node.directives),
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref().map(|it| &*it.node.on.node);
                !is_conditional(&fragment.node.directives)
                    && condition.is_none_or(|condition| self.always_applies(condition, on))
                    && self.is_never_empty(&fragment.node.selection_set.node, condition.or(on))
            }
            Selection::FragmentSpread(spread) => {
                !is_conditional(&spread.node.directives)
                    && self.fragment_is_never_empty(&spread.node.fragment_name.node, on)
            }
        })
    }

    /// Whether the order of the fields depends on the type of the object, and has to be restored.
    fn is_ordered_by_type(&self, selections: &Positioned<SelectionSet>, on: Option<&str>) -> bool {
        let mut items = selections.node.items.iter();
        self.async_fields.holds(selections.pos)
            && on.and_then(|on| self.types.types.get(on)).is_some_and(MetaType::is_abstract)
            && items.any(|item| !matches!(item.node, Selection::Field(_)))
    }

    /// The same for a fragment that is spread on a type. Each is looked at once, however often it is spread.
    fn fragment_is_never_empty(&mut self, name: &Name, on: Option<&str>) -> bool {
        let Some(fragment) = self.fragments.get(name) else { return false };
        let condition = &fragment.node.type_condition.node.on.node;
        if !self.always_applies(condition, on) {
            return false;
        }
        if let Some(known) = self.never_empty.get(name) {
            return *known;
        }
        // Until it is known: a fragment that spreads itself selects nothing by that.
        self.never_empty.insert(name.clone(), false);
        let is_never_empty = self.is_never_empty(&fragment.node.selection_set.node, Some(condition));
        self.never_empty.insert(name.clone(), is_never_empty);
        is_never_empty
    }

    /// Whether a fragment applies to every object of a type: on the type itself, or on an interface or union of it.
    fn always_applies(&self, condition: &str, on: Option<&str>) -> bool {
        let Some(on) = on else { return false };
        let possible = match self.types.types.get(condition) {
            Some(MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. }) => {
                Some(possible_types)
            }
            _ => None,
        };
        condition == on || possible.is_some_and(|possible| possible.contains(on))
    }
}

fn is_conditional(directives: &[Positioned<Directive>]) -> bool {
    directives.iter().any(|directive| matches!(&*directive.node.name.node, "skip" | "include"))
}

/// Name of the type of a field, without lists and non-null.
fn type_of<'a>(types: &'a Registry, on: &str, field: &str) -> Option<&'a str> {
    let field = types.types.get(on)?.field_by_name(field)?;
    Some(MetaTypeName::concrete_typename(&field.ty))
}

#[cfg(test)]
mod tests {
    use async_graphql::{Interface, Object, OutputType, SimpleObject, value};

    use super::*;

    #[derive(SimpleObject)]
    struct School {
        code: String,
    }

    #[derive(Interface)]
    #[graphql(field(name = "code", ty = "&String"))]
    enum Body {
        School(School),
    }

    struct Query;

    #[Object]
    impl Query {
        async fn body(&self) -> Option<Body> {
            None
        }
        async fn school(&self) -> School {
            School { code: "s".into() }
        }
    }

    fn is_marked(text: &str) -> bool {
        let mut types = Registry::default();
        Query::create_type_info(&mut types);
        let mut document = async_graphql::parser::parse_query(text).expect("a document");
        mark(&mut document, &types, &AsyncFields::default())
    }

    #[test]
    fn only_selections_that_may_turn_out_empty_are_marked() {
        for text in [
            "{ school { code } }",
            "{ school { code @skip(if: true) id: code } }",
            "{ school { ...F } } fragment F on School { code }",
            "{ school { ...F } } fragment F on Body { code }",
            "{ school { ... { ... on School { code } } } }",
            "query($x: Boolean!) { __typename school @include(if: $x) { code } }",
        ] {
            assert!(!is_marked(text), "{text}");
        }
        for text in [
            "{ school @skip(if: true) { code } }",
            "{ school { code @include(if: false) } }",
            "{ body { ... on School { code } } }",
            "{ body { ...F } } fragment F on School { code }",
            "{ school { ...F @skip(if: true) } } fragment F on School { code }",
            "{ school { ... @include(if: false) { code } } }",
        ] {
            assert!(is_marked(text), "{text}");
        }
    }

    #[test]
    fn marks_are_removed_at_any_depth_and_nothing_else_is() {
        let mut data =
            value!({ "a": [{ "not empty": "A" }, { "b": null, "not empty": "B" }], "not empty": "Query" });
        unmark(&mut data);
        assert_eq!(data, value!({ "a": [{}, { "b": null }] }));
    }
}
