//! What a document costs, in points, before anything of it is executed.
//!
//! An object costs a fifth of a point and a plain value a twentieth; a list costs its items, a connection `first` times what
//! one of its items costs. [`WEIGHTS`] names the fields that are dearer. Fragments are counted once and put in by their cost.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
    registry::{MetaField, MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{ConstValue, Value};

use super::{
    needs::Needed,
    surcharge::{self, Surcharge},
    weights::{Items, weight_of},
};

/// Parts of a point that costs are counted in.
const PARTS: u64 = 20;
/// Parts of a point that an object costs.
const OBJECT: u64 = 4;
/// Parts of a point that a plain value costs.
const VALUE: u64 = 1;
/// Field that the library adds to schemas of subgraphs, and that no type here knows.
const ENTITIES: &str = "_entities";
/// Most items that any list may be asked for.
const MOST_ITEMS: u64 = 1_000;

/// Cost of a selection: what is known of it, and what depends on the values of variables. In parts of a point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cost {
    fixed: u64,
    variable: Vec<Times>,
    /// What dear fields cost beside what comes of them.
    weights: u64,
    surcharges: Vec<Surcharge>,
}

/// A cost that is multiplied by a constant, and by what a variable says.
#[derive(Clone, Debug, PartialEq)]
struct Times {
    constant: u64,
    factor: Option<Factor>,
    cost: Arc<Cost>,
}

/// Number that a variable stands for.
#[derive(Clone, Debug, PartialEq)]
struct Factor {
    variable: Name,
    /// Where the request has no value for it.
    default: u64,
}

impl Cost {
    /// Points, with these values of variables; at least one.
    pub(super) fn points(&self, variables: &Variables) -> u64 {
        points(self.parts(variables).saturating_add(self.surcharge(variables)))
    }

    /// Parts of a point that arguments cost, whatever comes of them.
    pub(super) fn surcharge(&self, variables: &Variables) -> u64 {
        self.surcharges.iter().map(|surcharge| surcharge.with(variables)).fold(0, u64::saturating_add)
    }

    /// Points that an answer was worth: what is in it, the dear fields that were asked for, and what arguments cost.
    pub(super) fn of_answer(&self, data: &ConstValue, surcharge: u64) -> u64 {
        points(self.weights.saturating_add(surcharge).saturating_add(in_answer(data)))
    }

    fn parts(&self, variables: &Variables) -> u64 {
        let variable = self.variable.iter().map(|times| {
            let factor = times
                .factor
                .as_ref()
                .map_or(1, |factor| variables.get(&factor.variable).map_or(factor.default, items_of));
            times.cost.parts(variables).saturating_mul(factor).saturating_mul(times.constant)
        });
        variable.fold(self.fixed, u64::saturating_add)
    }

    fn add(&mut self, other: &Self) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.variable.extend_from_slice(&other.variable);
        self.weights = self.weights.saturating_add(other.weights);
        self.surcharges.extend_from_slice(&other.surcharges);
    }

    /// The same so many times over.
    fn times(self, multiplier: &Multiplier) -> Self {
        let Multiplier { constant, factor } = multiplier.clone();
        if factor.is_none() && self.variable.is_empty() {
            return Self { fixed: self.fixed.saturating_mul(constant), ..self };
        }
        let (weights, surcharges) = (self.weights, self.surcharges.clone());
        Self {
            fixed: 0,
            variable: vec![Times { constant, factor, cost: Arc::new(self) }],
            weights,
            surcharges,
        }
    }
}

fn points(parts: u64) -> u64 {
    parts.div_ceil(PARTS).max(1)
}

/// Parts of a point that are in an answer.
fn in_answer(data: &ConstValue) -> u64 {
    match data {
        ConstValue::Object(fields) => OBJECT + fields.values().map(in_answer).sum::<u64>(),
        ConstValue::List(items) => items.iter().map(in_answer).sum(),
        _ => VALUE,
    }
}

/// How many times something is asked for: so often, times what a variable says.
#[derive(Clone)]
struct Multiplier {
    constant: u64,
    factor: Option<Factor>,
}

impl Multiplier {
    fn constant(constant: u64) -> Self {
        Self { constant, factor: None }
    }
}

/// Number of items that a value asks for: a number itself, a list by its length.
fn items_of(value: &ConstValue) -> u64 {
    match value {
        ConstValue::Number(number) => number.as_u64().unwrap_or(1).clamp(1, MOST_ITEMS),
        ConstValue::List(items) => (items.len() as u64).max(1),
        ConstValue::Object(fields) => fields.values().map(items_of).max().unwrap_or(1),
        _ => 1,
    }
}

/// Cost of an operation of a document, and what its answer depends on.
pub(super) fn of_operation(
    types: &Registry,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> (Cost, Needed) {
    let root = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let defaults = operation.variable_definitions.iter().filter_map(|variable| variable.node.default_value());
    let needed = defaults.map(Needed::of_value).fold(Needed::default(), Needed::and);
    let mut costing = Costing { types, document, operation, fragments: HashMap::new(), needed };
    let cost = costing.selections(&operation.selection_set, types.types.get(root)).once;
    (cost, costing.needed)
}

/// Cost of what is selected of an object.
#[derive(Clone, Default)]
struct Selected {
    once: Cost,
    /// What is selected of each item of a connection.
    of_item: Cost,
}

impl Selected {
    fn add(&mut self, other: &Self) {
        self.once.add(&other.once);
        self.of_item.add(&other.of_item);
    }
}

/// Costs of fragments, each computed once.
struct Costing<'a> {
    types: &'a Registry,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    fragments: HashMap<&'a str, Selected>,
    needed: Needed,
}

impl<'a> Costing<'a> {
    fn selections(&mut self, selections: &'a Positioned<SelectionSet>, of: Option<&'a MetaType>) -> Selected {
        let mut selected = Selected::default();
        for selection in &selections.node.items {
            match &selection.node {
                Selection::Field(field) => {
                    let cost = self.field(&field.node, of);
                    let is_of_items = of.is_some_and(|of| of.name().ends_with("Connection"))
                        && matches!(field.node.name.node.as_str(), "nodes" | "edges");
                    if is_of_items { &mut selected.of_item } else { &mut selected.once }.add(&cost);
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

    fn field(&mut self, field: &'a Field, of: Option<&'a MetaType>) -> Cost {
        let name = field.name.node.as_str();
        let owner = of.map_or("", MetaType::name);
        let arguments = field.arguments.iter().map(|(_, value)| Needed::of_argument(&value.node));
        self.needed = arguments.fold(self.needed.and(Needed::of_field(owner, name)), Needed::and);
        let weight = weight_of(owner, name);
        let own = PARTS * weight.points;
        // A field that does not exist will be refused, and answers about the schema cost their weight alone.
        let known = of.and_then(|of| of.field_by_name(name));
        let is_counted = known.is_some() || name == ENTITIES;
        if !is_counted || field.selection_set.node.items.is_empty() {
            return Cost { fixed: VALUE + own, weights: own, ..Cost::default() };
        }
        let kind = known.and_then(|known| self.types.types.get(MetaTypeName::concrete_typename(&known.ty)));
        let Selected { mut once, of_item } = self.selections(&field.selection_set, kind);
        let factor = self.multiplier(field, known, owner, weight.items);
        once.fixed = once.fixed.saturating_add(OBJECT);
        let mut cost = if known.is_some_and(|known| known.args.contains_key("first")) {
            once.add(&of_item.times(&factor));
            once
        } else {
            once.add(&of_item);
            once.times(&factor)
        };
        cost.fixed = cost.fixed.saturating_add(own);
        cost.weights = cost.weights.saturating_add(own);
        cost.surcharges.extend(surcharge::of_arguments(self.operation, field, owner));
        cost
    }

    /// How many times what is below a field is asked for.
    fn multiplier(&self, field: &Field, known: Option<&MetaField>, owner: &str, items: Items) -> Multiplier {
        let has_argument = |name| known.is_some_and(|known| known.args.contains_key(name));
        let argument = match items {
            Items::Times(number) => return Multiplier::constant(number),
            Items::Argument(name) => name,
            // Counted where the connection is asked for.
            Items::Default if owner.ends_with("Connection") => return Multiplier::constant(1),
            Items::Default if has_argument("first") => "first",
            Items::Default if known.is_some_and(|known| known.ty.starts_with('[')) => {
                return Multiplier::constant(Items::OF_A_LIST);
            }
            Items::Default => return Multiplier::constant(1),
        };
        let default = || known?.args.get(argument)?.default_value.as_deref();
        let default = || default().and_then(|text| text.parse().ok()).unwrap_or(1);
        match field.get_argument(argument).map(|value| &value.node) {
            None => Multiplier::constant(default()),
            Some(value) => {
                let factor = variable_of(value).map(|name| {
                    let variables = &self.operation.variable_definitions;
                    let declared = variables.iter().find(|variable| variable.node.name.node == *name);
                    let value = declared.and_then(|variable| variable.node.default_value());
                    let default = value.map_or_else(default, items_of);
                    Factor { variable: name.clone(), default }
                });
                Multiplier { constant: items_in(value), factor }
            }
        }
    }
}

/// Number of items that a value in a document asks for; what is in a variable comes beside.
pub(super) fn items_in(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(1).clamp(1, MOST_ITEMS),
        Value::List(items) => (items.len() as u64).max(1),
        Value::Object(fields) => fields.values().map(items_in).max().unwrap_or(1),
        _ => 1,
    }
}

/// The variable that a value is, or has in it where it is no list: an item of a list is one, whatever it is.
fn variable_of(value: &Value) -> Option<&Name> {
    match value {
        Value::Variable(name) => Some(name),
        Value::Object(fields) => fields.values().find_map(variable_of),
        _ => None,
    }
}
