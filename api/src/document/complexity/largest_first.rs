//! The largest `first` with which an operation that costs too much would fit its limit.

use async_graphql::{
    Name, Pos, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition},
    registry::Registry,
};
use async_graphql_value::Value;

use super::{Costing, FIRST, PARTS};
use crate::document::{factor::MOST_ITEMS, field_policies::FieldPolicies};

/// Maximum number of lists that are tried.
const MAX_LISTS: usize = 30;

/// A list of a length that the request chooses.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    /// Name of its field in the schema.
    field: &'a str,
    pub(super) length: Length<'a>,
}

/// What decides the length of a list: lists with the same variable have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length<'a> {
    /// The field at this position: a number in the document, or the default.
    Field(Pos),
    /// A variable.
    Variable(&'a Name),
}

impl<'a> List<'a> {
    /// The list of a field with the argument `first`.
    pub(super) fn of(field: &'a Field) -> Self {
        let length = match field.get_argument(FIRST).map(|value| &value.node) {
            Some(Value::Variable(name)) => Length::Variable(name),
            _ => Length::Field(field.name.pos),
        };
        Self { field: field.name.node.as_str(), length }
    }
}

/// The field of the list that dominates the cost of an operation, and the largest `first` of it that fits a limit in points;
/// `None` if not even one item does.
pub(in crate::document) fn largest_first(
    schema: (&Registry, &FieldPolicies),
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    (values, limit): (&Variables, u64),
) -> Option<(String, u64)> {
    let most = limit.saturating_mul(PARTS);
    let parts = |length: Length<'_>, items: u64| {
        let mut costing = Costing::new(schema, document);
        costing.instead = Some((length, items));
        costing.operation(operation).0.parts(values)
    };
    let mut costing = Costing::new(schema, document);
    costing.operation(operation);
    let lists = costing.lists.iter().take(MAX_LISTS);
    let (of_one, list) = lists.map(|list| (parts(list.length, 1), list)).min_by_key(|(of_one, _)| *of_one)?;
    if of_one > most {
        return None;
    }
    // The cost rises with the number of items.
    let (mut fits, mut exceeds) = (1_u64, MOST_ITEMS);
    while fits + 1 < exceeds {
        let items = fits.midpoint(exceeds);
        if parts(list.length, items) <= most { fits = items } else { exceeds = items }
    }
    Some((list.field.to_owned(), fits))
}
