//! Actual cost of expensive fields: each counts as often as it occurs in the response, since lists may have fewer items than
//! requested.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Name, Variables};
use async_graphql_value::ConstValue;

use super::{complexity, factor::Factor};

/// Own cost of a field, and the expensive fields below it by response key.
#[derive(Clone, Debug, Default)]
pub struct ExpensiveFields {
    /// Cost of the field itself, in parts of a point.
    own: u64,
    /// Surcharges of its arguments, in parts of a point.
    arguments: Vec<Factor>,
    fields: Vec<(Name, Arc<ExpensiveFields>)>,
}

impl ExpensiveFields {
    /// A field with its own cost and the surcharges of its arguments, both in parts of a point, and the fields below it.
    pub(super) fn field(own: u64, arguments: Vec<Factor>, below: Self) -> Self {
        Self { own, arguments, fields: below.fields }
    }

    /// Adds a field, unless neither it nor any field below it is expensive.
    pub(super) fn add(&mut self, name: &Name, field: Self) {
        if field.own > 0 || !field.arguments.is_empty() || !field.fields.is_empty() {
            self.fields.push((name.clone(), field.into()));
        }
    }

    /// Adds the fields of another selection set of the same object.
    pub(super) fn extend(&mut self, other: &Self) {
        self.fields.extend_from_slice(&other.fields);
    }

    /// The same with the surcharges resolved for these variables.
    pub(super) fn with(&self, variables: &Variables) -> Cow<'_, Self> {
        if self.is_fixed() {
            return Cow::Borrowed(self);
        }
        let arguments = self.arguments.iter().map(|factor| factor.with(variables));
        let fields = self.fields.iter().map(|(name, field)| {
            let field = match field.with(variables) {
                Cow::Borrowed(_) => field.clone(),
                Cow::Owned(field) => field.into(),
            };
            (name.clone(), field)
        });
        Cow::Owned(Self {
            own: arguments.fold(self.own, u64::saturating_add),
            arguments: Vec::new(),
            fields: fields.collect(),
        })
    }

    fn is_fixed(&self) -> bool {
        self.arguments.is_empty() && self.fields.iter().all(|(_, field)| field.is_fixed())
    }

    /// Actual cost of response data, in points.
    pub fn worth(&self, data: &ConstValue) -> u64 {
        complexity::points(complexity::in_answer(data).saturating_add(self.in_answer(data)))
    }

    /// Cost of the expensive fields in an object, or in the objects of a list, in parts of a point.
    fn in_answer(&self, data: &ConstValue) -> u64 {
        match data {
            ConstValue::List(items) => {
                items.iter().map(|item| self.in_answer(item)).fold(0, u64::saturating_add)
            }
            ConstValue::Object(object) => {
                let found = self.fields.iter().filter_map(|(name, field)| Some((field, object.get(name)?)));
                found.fold(0, |sum, (field, value)| {
                    sum.saturating_add(field.own).saturating_add(field.in_answer(value))
                })
            }
            _ => 0,
        }
    }
}
