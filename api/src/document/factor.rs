//! Numbers that costs are multiplied by: what the document says, times what a variable of the request says.

use async_graphql::{Name, Variables, parser::types::OperationDefinition};
use async_graphql_value::{ConstValue, Value};

/// Most items that any list may be asked for.
const MOST_ITEMS: u64 = 1_000;

/// A number, times the most that any of some variables says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factor {
    constant: u64,
    variables: Vec<Variable>,
}

/// A variable, what is counted of it, and what it counts where the request has no value for it.
#[derive(Clone, Debug, PartialEq)]
struct Variable {
    name: Name,
    counted: Counted,
    default: u64,
}

/// What is counted of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Items that it asks for: a number itself, a list by its length.
    Items,
    /// What has to be done for it: items of a list, or one; none for nothing.
    Size,
    /// The same, and words of a text.
    Words,
}

impl Factor {
    /// This number.
    pub(super) fn constant(constant: u64) -> Self {
        Self { constant, variables: Vec::new() }
    }

    /// What an argument says or has, times a number. Where a variable has no value, `default` is taken.
    pub(super) fn of_argument(
        operation: &OperationDefinition,
        value: &Value,
        (counted, times): (Counted, u64),
        default: impl Fn() -> u64,
    ) -> Self {
        let mut names = Vec::new();
        add_variables(value, counted, &mut names);
        let variables = names.into_iter().map(|name| {
            let variables = &operation.variable_definitions;
            let declared = variables.iter().find(|variable| variable.node.name.node == *name);
            let value = declared.and_then(|variable| variable.node.default_value());
            Variable {
                name: name.clone(),
                counted,
                default: value.map_or_else(&default, |it| counted.of(it)),
            }
        });
        let variables: Vec<Variable> = variables.collect();
        let constant = match (counted, value.clone().into_const()) {
            (Counted::Size | Counted::Words, Some(value)) => counted.of(&value),
            (Counted::Size | Counted::Words, None) if !variables.is_empty() => 1,
            // Some of it is in variables.
            _ => items_in(value),
        };
        Self { constant: constant.saturating_mul(times), variables }
    }

    /// The number, if it depends on no variable.
    pub(super) fn fixed(&self) -> Option<u64> {
        self.variables.is_empty().then_some(self.constant)
    }

    /// The number, with these values of variables.
    pub(super) fn with(&self, variables: &Variables) -> u64 {
        let of_variable = |variable: &Variable| {
            variables.get(&variable.name).map_or(variable.default, |value| variable.counted.of(value))
        };
        self.constant.saturating_mul(self.variables.iter().map(of_variable).max().unwrap_or(1))
    }
}

impl Counted {
    fn of(self, value: &ConstValue) -> u64 {
        match (self, value) {
            (Self::Items, ConstValue::Number(number)) => number.as_u64().unwrap_or(1).clamp(1, MOST_ITEMS),
            (Self::Items, ConstValue::List(items)) => (items.len() as u64).max(1),
            (Self::Items, ConstValue::Object(fields)) => {
                fields.values().map(|it| self.of(it)).max().unwrap_or(1)
            }
            (Self::Size | Self::Words, ConstValue::Null) => 0,
            (Self::Size | Self::Words, ConstValue::List(items)) => items.len() as u64,
            (Self::Words, ConstValue::String(text)) => words(text),
            _ => 1,
        }
    }
}

/// Number of items that a value in a document asks for; what is in a variable comes beside.
fn items_in(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(1).clamp(1, MOST_ITEMS),
        Value::List(items) => (items.len() as u64).max(1),
        Value::Object(fields) => fields.values().map(items_in).max().unwrap_or(1),
        _ => 1,
    }
}

/// Adds the variable that a value is; of items, also those that it has in it where it is no list: an item of a list is one,
/// whatever it is.
fn add_variables<'a>(value: &'a Value, counted: Counted, found: &mut Vec<&'a Name>) {
    match value {
        Value::Variable(name) => found.push(name),
        Value::Object(fields) if counted == Counted::Items => {
            fields.values().for_each(|it| add_variables(it, counted, found));
        }
        _ => {}
    }
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
