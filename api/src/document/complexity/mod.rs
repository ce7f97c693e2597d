//! Static cost of a document in points, computed before execution.
//!
//! An object costs a fifth of a point, a scalar a twentieth; a list costs its items, a connection `first` or `last` times the
//! cost of one item. Policies have the fields that cost more. The cost of a fragment is computed once and added at each
//! spread; of fragments on several types, those of the type that costs most count.

mod cost;
mod largest_first;
mod selected;

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};

use super::{
    dependencies::DocumentDependencies,
    expensive::ExpensiveFields,
    factor::{Counted, Factor},
    field_policies::FieldPolicies,
    operations::root_type,
};
use crate::graphql::kit::{
    connection::MAX_FIRST,
    field_policy::{ArgumentCost, Each, FieldPolicy, Items, OBJECT, PARTS, VALUE},
    part::DEFAULT_FIRST,
};
use largest_first::{Length, List};
use selected::{ALL, Selected, TypeSet};

pub(super) use cost::{Cost, in_answer, points};
pub(super) use largest_first::largest_first;

/// Argument with the number of items of a page.
pub(super) const FIRST: &str = "first";
/// The same, of lists that are read in both directions, for a page at the end.
pub(super) const LAST: &str = "last";

/// Cost of an operation, its expensive fields, and the dependencies of its response.
pub(super) fn of_operation(
    (types, policies): (&Registry, &FieldPolicies),
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> (Cost, ExpensiveFields, DocumentDependencies) {
    let mut costing = Costing::new((types, policies), document);
    let (cost, expensive) = costing.operation(operation);
    let of_variables = DocumentDependencies::of_variables(&operation.variable_definitions);
    (cost, expensive, costing.needed.and(of_variables))
}

/// Computes the cost of an operation; the cost of each fragment is computed once.
struct Costing<'a> {
    types: &'a Registry,
    policies: &'a FieldPolicies,
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Selected>,
    /// Bits of object types.
    bits: HashMap<&'a str, u32>,
    needed: DocumentDependencies,
    /// Response keys from the root to the current field.
    path: Vec<&'a str>,
    /// Lists of a length that the request chooses.
    lists: Vec<List<'a>>,
    /// Values of the request, where they are known.
    values: Option<&'a Variables>,
    /// A length that is counted instead of that of the request.
    instead: Option<(Length<'a>, u64)>,
}

impl<'a> Costing<'a> {
    fn new((types, policies): (&'a Registry, &'a FieldPolicies), document: &'a ExecutableDocument) -> Self {
        let (fragments, bits, needed) = (HashMap::new(), HashMap::new(), DocumentDependencies::default());
        let (path, lists, values, instead) = (Vec::new(), Vec::new(), None, None);
        Self { types, policies, document, fragments, bits, needed, path, lists, values, instead }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> (Cost, ExpensiveFields) {
        let root = self.types.types.get(root_type(operation.ty));
        let selected = self.selections(&operation.selection_set, root);
        (self.once(&selected, root), selected.expensive)
    }

    /// Largest cost of an object of a type, without its items if it is a connection.
    fn once(&mut self, selected: &Selected, of: Option<&'a MetaType>) -> Cost {
        match selected.depends_on_type() {
            true => selected.once_of(self.types_of(of)),
            false => selected.once.clone(),
        }
    }

    /// Object types that a type stands for; all if it is unknown.
    fn types_of(&mut self, of: Option<&'a MetaType>) -> TypeSet {
        let Some(of) = of else { return ALL };
        let Some(types) = of.possible_types() else { return self.bit(of.name()) };
        types.iter().fold(0, |set, name| match self.types.types.get(name) {
            // An interface may stand for interfaces, too.
            Some(known) => set | self.types_of(Some(known)),
            None => ALL,
        })
    }

    fn bit(&mut self, name: &'a str) -> TypeSet {
        let next = u32::try_from(self.bits.len()).unwrap_or(u32::MAX);
        // A type beyond the last bit counts with every other.
        1_u64.checked_shl(*self.bits.entry(name).or_insert(next)).unwrap_or(ALL)
    }

    fn selections(&mut self, selections: &'a Positioned<SelectionSet>, of: Option<&'a MetaType>) -> Selected {
        let mut selected = Selected::default();
        for selection in &selections.node.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (cost, expensive) = self.field(&field.node, of);
                    let is_of_items = of.is_some_and(|of| of.name().ends_with("Connection"))
                        && matches!(field.node.name.node.as_str(), "nodes" | "edges");
                    if is_of_items { &mut selected.of_item } else { &mut selected.once }.add(&cost);
                    selected.expensive.add(&field.node.response_key().node, expensive);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map(|on| self.types.types.get(on.node.on.node.as_str()));
                    let below = self.selections(&fragment.node.selection_set, on.unwrap_or(of));
                    selected.add(on.map_or(ALL, |on| self.types_of(on)), &below);
                }
                Selection::FragmentSpread(spread) => {
                    let (on, below) = self.fragment(&spread.node.fragment_name.node);
                    selected.add(on, &below);
                }
            }
        }
        selected
    }

    /// The object types that a fragment is on, and its cost.
    fn fragment(&mut self, name: &'a Name) -> (TypeSet, Selected) {
        let Some(fragment) = self.document.fragments.get(name) else { return (ALL, Selected::default()) };
        let of = self.types.types.get(fragment.node.type_condition.node.on.node.as_str());
        let types = self.types_of(of);
        if let Some(known) = self.fragments.get(name.as_str()) {
            return (types, known.clone());
        }
        let cost = self.selections(&fragment.node.selection_set, of);
        self.fragments.insert(name, cost.clone());
        (types, cost)
    }

    fn field(&mut self, field: &'a Field, of: Option<&'a MetaType>) -> (Cost, ExpensiveFields) {
        let name = field.name.node.as_str();
        let owner = of.map_or("", MetaType::name);
        let arguments =
            field.arguments.iter().map(|(_, value)| DocumentDependencies::of_argument(&value.node));
        let declared = DocumentDependencies::of_field(self.policies, owner, name);
        self.needed = arguments.fold(self.needed.and(declared), DocumentDependencies::and);
        let policy = self.policies.get(owner, name);
        let own = PARTS * policy.map_or(0, |policy| policy.points);
        let costs = policy.map_or(&[][..], |policy| policy.arguments);
        // An unknown field fails validation; introspection fields cost their weight only.
        let known = of.and_then(|of| of.field_by_name(name));
        if known.is_none() || field.selection_set.node.items.is_empty() {
            return (
                Cost::fixed(VALUE + own),
                ExpensiveFields::field(own, Vec::new(), ExpensiveFields::default()),
            );
        }
        let kind = known.and_then(|known| self.types.types.get(MetaTypeName::concrete_typename(&known.ty)));
        self.path.push(&field.response_key().node);
        let selected = self.selections(&field.selection_set, kind);
        let mut once = self.once(&selected, kind);
        let Selected { of_item, expensive, .. } = selected;
        let factor = self.factor(field, known, owner, policy);
        self.path.pop();
        once.fixed = once.fixed.saturating_add(OBJECT);
        let mut cost = if known.is_some_and(|known| known.args.contains_key(FIRST)) {
            once.add(&of_item.times(&factor));
            once
        } else {
            once.add(&of_item);
            once.times(&factor)
        };
        cost.fixed = cost.fixed.saturating_add(own);
        let surcharges = surcharges(field, costs);
        surcharges.iter().for_each(|surcharge| cost.add(&Cost::fixed(1).times(surcharge)));
        (cost, ExpensiveFields::field(own, surcharges, expensive))
    }

    /// How often the selection of a field is multiplied; notes a list with the argument `first`.
    fn factor(
        &mut self,
        field: &'a Field,
        known: Option<&'a MetaField>,
        owner: &str,
        policy: Option<&FieldPolicy>,
    ) -> Factor {
        let (items, most) =
            policy.map_or((Items::Default, MAX_FIRST), |policy| (policy.items, policy.max_first));
        let is_list = matches!(items, Items::Default | Items::Argument(FIRST))
            && known.is_some_and(|known| known.args.contains_key(FIRST));
        if !is_list {
            return factor(field, known, owner, items);
        }
        let list = List::of(field, &self.path, most, self.values);
        let length = list.length;
        self.lists.push(list);
        match self.instead {
            Some((instead, items)) if instead == length => Factor::constant(items),
            _ => factor(field, known, owner, items),
        }
    }
}

/// Surcharges of a field's arguments, in parts of a point: they cost the same whatever the result is.
fn surcharges(field: &Field, costs: &[ArgumentCost]) -> Vec<Factor> {
    let of_argument = |cost: &ArgumentCost| {
        let value = field.get_argument(cost.name)?;
        let counted = match cost.each {
            Each::Item => Counted::Size,
            Each::Word => Counted::Words,
            Each::Member(member) => Counted::Member(member),
        };
        Some(Factor::of_argument(&value.node, (counted, cost.parts), 0))
    };
    costs.iter().filter_map(of_argument).collect()
}

/// How often the selection of a field is multiplied.
fn factor(field: &Field, known: Option<&MetaField>, owner: &str, items: Items) -> Factor {
    let has_argument = |name| known.is_some_and(|known| known.args.contains_key(name));
    let argument = match items {
        Items::Times(number) => return Factor::constant(number),
        Items::Argument(name) => name,
        // Counted at the field that returns the connection.
        Items::Default if owner.ends_with("Connection") => return Factor::constant(1),
        Items::Default if has_argument(LAST) => {
            let given = [FIRST, LAST].into_iter().filter_map(|name| field.get_argument(name));
            return Factor::of_length(given.map(|value| &value.node), DEFAULT_FIRST.unsigned_abs().into());
        }
        Items::Default if has_argument(FIRST) => FIRST,
        Items::Default if known.is_some_and(|known| known.ty.starts_with('[')) => {
            return Factor::constant(Items::OF_A_LIST);
        }
        Items::Default => return Factor::constant(1),
    };
    let default = known.and_then(|known| known.args.get(argument)?.default_value.as_deref());
    let default = default.and_then(|text| text.parse().ok()).unwrap_or(1);
    match field.get_argument(argument).map(|value| &value.node) {
        None => Factor::constant(default),
        Some(value) => Factor::of_argument(value, (Counted::Items, 1), default),
    }
}

#[cfg(test)]
mod tests;
