//! Factors of costs: a constant of the document times the value of a variable.

use async_graphql::{Name, Variables};
use async_graphql_value::{ConstValue, Value};

/// Largest number of items that is counted for a size argument.
pub(super) const MOST_ITEMS: u64 = 1_000;

/// A constant times the largest count of several variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factor {
    constant: u64,
    variables: Vec<Variable>,
}

/// A variable, what is counted of its value, and the count when the request has no value for it.
#[derive(Clone, Debug, PartialEq)]
struct Variable {
    name: Name,
    counted: Counted,
    default: u64,
}

/// What is counted of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Requested items: a number itself, a list by its length.
    Items,
    /// Amount of work: the length of a list, 0 for null, otherwise 1.
    Size,
    /// As `Size`, but for a string its number of words.
    Words,
}

impl Factor {
    /// A constant factor.
    pub(super) fn constant(constant: u64) -> Self {
        Self { constant, variables: Vec::new() }
    }

    /// The count of an argument's value, times a number. `default` is the count of a variable without a value.
    pub(super) fn of_argument(value: &Value, (counted, times): (Counted, u64), default: u64) -> Self {
        let mut names = Vec::new();
        add_variables(value, counted, &mut names);
        let variables = names.into_iter().map(|name| Variable { name: name.clone(), counted, default });
        let variables: Vec<Variable> = variables.collect();
        let constant = match (counted, value.clone().into_const()) {
            (Counted::Size | Counted::Words, Some(value)) => counted.of(&value),
            (Counted::Size | Counted::Words, None) => match value {
                Value::List(items) => items.len() as u64,
                _ => 1,
            },
            // Items outside of variables.
            _ => items_in(value),
        };
        Self { constant: constant.saturating_mul(times), variables }
    }

    /// The factor, if it depends on no variable.
    pub(super) fn fixed(&self) -> Option<u64> {
        self.variables.is_empty().then_some(self.constant)
    }

    /// The factor with these variables.
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

/// Number of items that a value in a document requests, not counting variables.
fn items_in(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(1).clamp(1, MOST_ITEMS),
        Value::List(items) => (items.len() as u64).max(1),
        Value::Object(fields) => fields.values().map(items_in).max().unwrap_or(1),
        _ => 1,
    }
}

/// Adds the variable that a value is; when items are counted, also the variables within an object. Variables within a list
/// do not matter: each item counts as one.
fn add_variables<'a>(value: &'a Value, counted: Counted, found: &mut Vec<&'a Name>) {
    match value {
        Value::Variable(name) => found.push(name),
        Value::Object(fields) if counted == Counted::Items => {
            fields.values().for_each(|it| add_variables(it, counted, found));
        }
        _ => {}
    }
}

/// Number of words of a search text: split at punctuation and white space, and between letters and digits.
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
