//! What dear fields were worth in an answer: each as often as it is there, for lists may have fewer items than were asked for.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Name, Variables};
use async_graphql_value::ConstValue;

use super::{complexity, factor::Factor};

/// What a field costs beside what comes of it, and what the fields below it do, by their names in the answer.
#[derive(Clone, Debug, Default)]
pub struct ExpensiveFields {
    /// Parts of a point.
    own: u64,
    /// Parts of a point that arguments cost.
    arguments: Vec<Factor>,
    fields: Vec<(Name, Arc<ExpensiveFields>)>,
}

impl ExpensiveFields {
    /// A field that costs so many parts of a point, and so many for its arguments, with what is below it.
    pub(super) fn field(own: u64, arguments: Vec<Factor>, below: Self) -> Self {
        Self { own, arguments, fields: below.fields }
    }

    /// Takes in a field; most are not dear, nor is anything below them.
    pub(super) fn add(&mut self, name: &Name, field: Self) {
        if field.own > 0 || !field.arguments.is_empty() || !field.fields.is_empty() {
            self.fields.push((name.clone(), field.into()));
        }
    }

    /// Takes in what another selection of the same object has.
    pub(super) fn extend(&mut self, other: &Self) {
        self.fields.extend_from_slice(&other.fields);
    }

    /// The same with these values of variables, so that none are asked for any more.
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

    /// Points that an answer was worth: what is in it, and the dear fields in it.
    pub fn worth(&self, data: &ConstValue) -> u64 {
        complexity::points(complexity::in_answer(data).saturating_add(self.in_answer(data)))
    }

    /// Parts of a point that the fields in an object, or in the objects of a list, were worth.
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
