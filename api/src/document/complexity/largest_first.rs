//! The largest `first` or `last` with which an operation that costs too much would fit its limit.

use async_graphql::{
    Pos, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition},
    registry::Registry,
};
use async_graphql_value::{ConstValue, Value};

use super::{Costing, FIRST, LAST, PARTS};
use crate::document::{argument_defaults::name_in_request, factor::MAX_ITEMS, field_policies::FieldPolicies};

/// Maximum number of lists that are tried.
const MAX_LISTS: usize = 30;

/// A list of a length that the request chooses.
#[derive(Clone, Debug)]
pub(super) struct List<'a> {
    /// Response keys from the root to the list; of a list in a fragment, where the fragment is spread first.
    path: Vec<&'a str>,
    /// Largest length that it accepts.
    most: u64,
    pub(super) length: Length<'a>,
}

/// What decides the length of a list: lists with the same variable have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length<'a> {
    /// The field at this position: a number in the document, or the default.
    Field(Pos),
    /// The variable with this name in the request.
    Variable(&'a str),
}

impl<'a> List<'a> {
    /// The list of a field with the argument `first`, and maybe `last`, which accepts at most `most`. Of two variables, the one
    /// that has a value counts.
    pub(super) fn of(field: &'a Field, path: &[&'a str], most: i32, values: Option<&Variables>) -> Self {
        let is_given = |name: &str| {
            values.is_none_or(|values| values.get(name).is_some_and(|value| *value != ConstValue::Null))
        };
        let variable = |argument| match field.get_argument(argument).map(|value| &value.node) {
            Some(Value::Variable(name)) => Some(name.as_str()),
            _ => None,
        };
        let variables = [variable(FIRST), variable(LAST)].into_iter().flatten();
        let length = match variables.filter(|name| is_given(name)).chain(variable(FIRST)).next() {
            Some(name) => Length::Variable(name_in_request(name)),
            None => Length::Field(field.name.pos),
        };
        Self { path: path.to_vec(), most: u64::try_from(most).unwrap_or(MAX_ITEMS), length }
    }
}

/// The path of the list that dominates the cost of an operation, and the largest `first` or `last` of it that it accepts and
/// that fits a limit in points; `None` if not even one item does.
pub(in crate::document) fn largest_first(
    schema: (&Registry, &FieldPolicies),
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    (values, limit): (&Variables, u64),
) -> Option<(String, u64)> {
    let most = limit.saturating_mul(PARTS);
    let parts = |length: Length<'_>, items: u64| {
        let mut costing = Costing::new(schema, document);
        costing.values = Some(values);
        costing.instead = Some((length, items));
        costing.operation(operation).0.parts(values)
    };
    let mut costing = Costing::new(schema, document);
    costing.values = Some(values);
    costing.operation(operation);
    let lists = costing.lists.iter().take(MAX_LISTS);
    // Of lists with the same variable, the outermost is reported.
    let (of_one, list) = lists
        .map(|list| (parts(list.length, 1), list))
        .min_by_key(|(of_one, list)| (*of_one, list.path.len()))?;
    if of_one > most {
        return None;
    }
    let same_length = costing.lists.iter().filter(|other| other.length == list.length);
    let most_items = same_length.map(|other| other.most).min().unwrap_or(list.most);
    // The cost rises with the number of items.
    let (mut fits, mut exceeds) = (1_u64, most_items + 1);
    while fits + 1 < exceeds {
        let items = fits.midpoint(exceeds);
        if parts(list.length, items) <= most { fits = items } else { exceeds = items }
    }
    Some((list.path.join("."), fits))
}
