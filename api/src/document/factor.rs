//! Factors of costs: a constant of the document times the value of a variable.

use async_graphql::{Name, Variables};
use async_graphql_value::{ConstValue, Value};

/// Largest number of items that is counted for a size argument.
pub(super) const MAX_ITEMS: u64 = 1_000;

/// A constant times the largest count of several variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Factor {
    constant: u64,
    variables: Vec<Variable>,
    /// What counts instead if the count of each variable is 0.
    otherwise: u64,
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
    /// Requested items of a list that has several arguments for them: 0 for null, otherwise as `Items`.
    Length,
    /// Amount of work: the length of a list, 0 for null, otherwise 1.
    Size,
    /// As `Size`, but for a string its number of words.
    Words,
    /// 1 for a value that is or has this member of an enum, otherwise 0.
    Member(&'static str),
}

impl Factor {
    /// A constant factor.
    pub(super) fn constant(constant: u64) -> Self {
        Self { constant, variables: Vec::new(), otherwise: 0 }
    }

    /// The length of a list that the values of its arguments for it say: of those that are not null, one may be given. Without
    /// any it is `default`.
    pub(super) fn of_length<'a>(values: impl IntoIterator<Item = &'a Value>, default: u64) -> Self {
        let (mut written, mut variables) = (None, Vec::new());
        for value in values {
            match value {
                Value::Null => {}
                Value::Variable(name) => {
                    variables.push(Variable { name: name.clone(), counted: Counted::Length, default: 0 });
                }
                value => written = written.max(Some(items_in(value))),
            }
        }
        match written {
            // A value of another argument is refused.
            Some(written) => Self::constant(written),
            None if variables.is_empty() => Self::constant(default),
            None => Self { constant: 1, variables, otherwise: default },
        }
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
            (Counted::Member(_), _) if variables.is_empty() || counted.is_in(value) => {
                return Self::constant(if counted.is_in(value) { times } else { 0 });
            }
            (Counted::Member(_), _) => 1,
            // Items outside of variables.
            (Counted::Items | Counted::Length, _) => items_in(value),
        };
        Self { constant: constant.saturating_mul(times), variables, otherwise: 0 }
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
        let count = match self.variables.iter().map(of_variable).max() {
            Some(0) => self.otherwise,
            count => count.unwrap_or(1),
        };
        self.constant.saturating_mul(count)
    }
}

impl Counted {
    fn of(self, value: &ConstValue) -> u64 {
        match (self, value) {
            (Self::Length | Self::Size | Self::Words, ConstValue::Null) => 0,
            (Self::Items | Self::Length, ConstValue::Number(number)) => {
                number.as_u64().unwrap_or(1).clamp(1, MAX_ITEMS)
            }
            (Self::Items, ConstValue::List(items)) => (items.len() as u64).max(1),
            (Self::Items, ConstValue::Object(fields)) => {
                fields.values().map(|it| self.of(it)).max().unwrap_or(1)
            }
            (Self::Size | Self::Words, ConstValue::List(items)) => items.len() as u64,
            (Self::Words, ConstValue::String(text)) => words(text),
            (Self::Member(member), ConstValue::Enum(name)) => u64::from(name.as_str() == member),
            (Self::Member(member), ConstValue::String(name)) => u64::from(name == member),
            (Self::Member(_), ConstValue::Object(fields)) => {
                fields.values().map(|it| self.of(it)).max().unwrap_or(0)
            }
            (Self::Member(_), _) => 0,
            _ => 1,
        }
    }

    /// Whether a value in a document, apart from its variables, has the member that is counted.
    fn is_in(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Member(member), Value::Enum(name)) => name.as_str() == member,
            (Self::Member(_), Value::Object(fields)) => fields.values().any(|it| self.is_in(it)),
            _ => false,
        }
    }
}

/// Number of items that a value in a document requests, not counting variables.
fn items_in(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(1).clamp(1, MAX_ITEMS),
        Value::List(items) => (items.len() as u64).max(1),
        Value::Object(fields) => fields.values().map(items_in).max().unwrap_or(1),
        _ => 1,
    }
}

/// Adds the variable that a value is; when items or members are counted, also the variables within an object. Variables within a list
/// do not matter: each item counts as one.
fn add_variables<'a>(value: &'a Value, counted: Counted, found: &mut Vec<&'a Name>) {
    match value {
        Value::Variable(name) => found.push(name),
        Value::Object(fields) if matches!(counted, Counted::Items | Counted::Member(_)) => {
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
