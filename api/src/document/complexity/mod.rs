//! Static cost of a document in points, computed before execution.
//!
//! An object costs a fifth of a point, a scalar a twentieth; a list costs its items, a connection `first` times the cost of
//! one item. [`weight_of`] has the fields that cost more. The cost of a fragment is computed once and added at each spread.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{ConstValue, Value};

use super::{
    dependencies::DocumentDependencies,
    expensive::ExpensiveFields,
    factor::{Counted, Factor},
    field_policies::FieldPolicies,
    operations::root_type,
};
use crate::graphql::kit::field_policy::{ArgumentCost, Items};

/// Parts per point; costs are computed in parts.
const PARTS: u64 = 20;
/// Cost of an object, in parts.
const OBJECT: u64 = 4;
/// Cost of a scalar, in parts.
const VALUE: u64 = 1;

/// Cost of a selection in parts of a point: a fixed part, and terms that depend on variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cost {
    fixed: u64,
    variable: Vec<Times>,
}

/// A cost times a factor.
#[derive(Clone, Debug, PartialEq)]
struct Times {
    factor: Factor,
    cost: Arc<Cost>,
}

impl Cost {
    fn fixed(fixed: u64) -> Self {
        Self { fixed, variable: Vec::new() }
    }

    /// The cost in points with these variables; at least 1.
    pub(super) fn points(&self, variables: &Variables) -> u64 {
        points(self.parts(variables))
    }

    fn parts(&self, variables: &Variables) -> u64 {
        let variable = self.variable.iter();
        let variable = variable
            .map(|Times { factor, cost }| cost.parts(variables).saturating_mul(factor.with(variables)));
        variable.fold(self.fixed, u64::saturating_add)
    }

    fn add(&mut self, other: &Self) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.variable.extend_from_slice(&other.variable);
    }

    /// The cost multiplied by a factor.
    fn times(self, factor: &Factor) -> Self {
        match factor.fixed() {
            Some(times) if self.variable.is_empty() => Self::fixed(self.fixed.saturating_mul(times)),
            _ => Self { fixed: 0, variable: vec![Times { factor: factor.clone(), cost: self.into() }] },
        }
    }
}

/// Parts as points, rounded up; at least 1.
pub(super) fn points(parts: u64) -> u64 {
    parts.div_ceil(PARTS).max(1)
}

/// Cost of the objects and scalars in response data, in parts of a point.
pub(super) fn in_answer(data: &ConstValue) -> u64 {
    match data {
        ConstValue::Object(fields) => OBJECT + fields.values().map(in_answer).sum::<u64>(),
        ConstValue::List(items) => items.iter().map(in_answer).sum(),
        _ => VALUE,
    }
}

/// Cost of an operation, its expensive fields, and the dependencies of its response.
pub(super) fn of_operation(
    (types, policies): (&Registry, &FieldPolicies),
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> (Cost, ExpensiveFields, DocumentDependencies) {
    let needed = DocumentDependencies::default();
    let mut costing = Costing { types, policies, document, fragments: HashMap::new(), needed };
    let root = types.types.get(root_type(operation.ty));
    let Selected { once, expensive, .. } = costing.selections(&operation.selection_set, root);
    (once, expensive, costing.needed)
}

/// Cost of a selection set.
#[derive(Clone, Default)]
struct Selected {
    once: Cost,
    /// Cost per item of a connection (`nodes`, `edges`).
    of_item: Cost,
    expensive: ExpensiveFields,
}

impl Selected {
    fn add(&mut self, other: &Self) {
        self.once.add(&other.once);
        self.of_item.add(&other.of_item);
        self.expensive.extend(&other.expensive);
    }
}

/// Computes the cost of an operation; the cost of each fragment is computed once.
struct Costing<'a> {
    types: &'a Registry,
    policies: &'a FieldPolicies,
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Selected>,
    needed: DocumentDependencies,
}

impl<'a> Costing<'a> {
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
                    let of = condition.map_or(of, |on| self.types.types.get(on.node.on.node.as_str()));
                    selected.add(&self.selections(&fragment.node.selection_set, of));
                }
                Selection::FragmentSpread(spread) => {
                    selected.add(&self.fragment(&spread.node.fragment_name.node));
                }
            }
        }
        selected
    }

    fn fragment(&mut self, name: &'a Name) -> Selected {
        if let Some(known) = self.fragments.get(name.as_str()) {
            return known.clone();
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Selected::default() };
        let of = self.types.types.get(fragment.node.type_condition.node.on.node.as_str());
        let cost = self.selections(&fragment.node.selection_set, of);
        self.fragments.insert(name, cost.clone());
        cost
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
        let Selected { mut once, of_item, expensive } = self.selections(&field.selection_set, kind);
        let items = policy.map_or(Items::Default, |policy| policy.items);
        let factor = factor(field, known, owner, items);
        once.fixed = once.fixed.saturating_add(OBJECT);
        let mut cost = if known.is_some_and(|known| known.args.contains_key("first")) {
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
}

/// Surcharges of a field's arguments, in parts of a point: they cost the same whatever the result is.
fn surcharges(field: &Field, costs: &[ArgumentCost]) -> Vec<Factor> {
    let of_argument = |(name, value): &(Positioned<Name>, Positioned<Value>)| {
        let cost = costs.iter().find(|cost| cost.name == name.node.as_str())?;
        let counted = if cost.is_by_word { Counted::Words } else { Counted::Size };
        Some(Factor::of_argument(&value.node, (counted, cost.parts), 0))
    };
    field.arguments.iter().filter_map(of_argument).collect()
}

/// How often the selection of a field is multiplied.
fn factor(field: &Field, known: Option<&MetaField>, owner: &str, items: Items) -> Factor {
    let has_argument = |name| known.is_some_and(|known| known.args.contains_key(name));
    let argument = match items {
        Items::Times(number) => return Factor::constant(number),
        Items::Argument(name) => name,
        // Counted at the field that returns the connection.
        Items::Default if owner.ends_with("Connection") => return Factor::constant(1),
        Items::Default if has_argument("first") => "first",
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
