//! What arguments cost beside their fields, because they make work whatever comes of it.

use async_graphql::{
    Name, Variables,
    parser::types::{Field, OperationDefinition},
};
use async_graphql_value::{ConstValue, Value};

use super::{cost::items_in, weights::surcharge_of};

/// What an argument costs, whatever comes of it: so much for each of its items or words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Surcharge {
    parts: u64,
    /// Items or words in the document.
    constant: u64,
    /// Variable that has them.
    variable: Option<Name>,
}

impl Surcharge {
    /// Parts of a point, with these values of variables.
    pub(super) fn with(&self, variables: &Variables) -> u64 {
        let value = self.variable.as_ref().and_then(|name| variables.get(name));
        value.map_or(self.constant, size_of).saturating_mul(self.parts)
    }
}

/// What the arguments of a field cost.
pub(super) fn of_arguments(operation: &OperationDefinition, field: &Field, owner: &str) -> Vec<Surcharge> {
    let mut found = Vec::new();
    for (name, value) in &field.arguments {
        let Some(parts) = surcharge_of(owner, &field.name.node, &name.node) else { continue };
        let variable = match &value.node {
            Value::Variable(name) => Some(name.clone()),
            _ => None,
        };
        let declared = variable.as_ref().and_then(|name| {
            let variables = &operation.variable_definitions;
            variables.iter().find(|declared| declared.node.name.node == *name)?.node.default_value()
        });
        let constant = match (&variable, value.node.clone().into_const()) {
            (Some(_), _) => declared.map_or(0, size_of),
            (None, Some(value)) => size_of(&value),
            // Some of it is in variables.
            (None, None) => items_in(&value.node),
        };
        found.push(Surcharge { parts, constant, variable });
    }
    found
}

/// Words of a text as a search may take them: cut at every sign, and between letters and digits.
fn words(text: &str) -> u64 {
    let kind = |letter: char| (letter.is_alphanumeric(), letter.is_numeric());
    let mut before = (false, false);
    let mut count = 0;
    for letter in text.chars() {
        let now = kind(letter);
        count += u64::from(now.0 && now != before);
        before = now;
    }
    count
}

/// Items of a list, words of a text, or one; none of nothing.
fn size_of(value: &ConstValue) -> u64 {
    match value {
        ConstValue::Null => 0,
        ConstValue::List(items) => items.len() as u64,
        ConstValue::String(text) => words(text),
        _ => 1,
    }
}
