//! Cost of a selection in parts of a point, of which some depend on variables.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql_value::ConstValue;

use super::{OBJECT, PARTS, VALUE};
use crate::document::factor::Factor;

/// Cost of a selection in parts of a point: a fixed part, and terms that depend on variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::document) struct Cost {
    pub(super) fixed: u64,
    variable: Vec<Term>,
}

/// A part of a cost that depends on variables.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// A cost times a factor.
    Times(Factor, Arc<Cost>),
    /// The largest of several costs.
    Largest(Arc<[Cost]>),
}

impl Cost {
    pub(super) fn fixed(fixed: u64) -> Self {
        Self { fixed, variable: Vec::new() }
    }

    /// The largest of several costs; nothing if there is none.
    pub(super) fn largest(costs: Vec<Self>) -> Self {
        if costs.iter().all(|cost| cost.variable.is_empty()) {
            return Self::fixed(costs.iter().map(|cost| cost.fixed).max().unwrap_or(0));
        }
        Self { fixed: 0, variable: vec![Term::Largest(costs.into())] }
    }

    /// The cost in points with these variables; at least 1.
    pub(in crate::document) fn points(&self, variables: &Variables) -> u64 {
        points(self.parts(variables))
    }

    pub(super) fn parts(&self, variables: &Variables) -> u64 {
        let terms = self.variable.iter().map(|term| match term {
            Term::Times(factor, cost) => cost.parts(variables).saturating_mul(factor.with(variables)),
            Term::Largest(costs) => costs.iter().map(|cost| cost.parts(variables)).max().unwrap_or(0),
        });
        terms.fold(self.fixed, u64::saturating_add)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.variable.extend_from_slice(&other.variable);
    }

    /// The cost multiplied by a factor.
    pub(super) fn times(self, factor: &Factor) -> Self {
        match factor.fixed() {
            Some(times) if self.variable.is_empty() => Self::fixed(self.fixed.saturating_mul(times)),
            _ => Self { fixed: 0, variable: vec![Term::Times(factor.clone(), self.into())] },
        }
    }
}

/// Parts as points, rounded up; at least 1.
pub(in crate::document) fn points(parts: u64) -> u64 {
    parts.div_ceil(PARTS).max(1)
}

/// Cost of the objects and scalars in response data, in parts of a point.
pub(in crate::document) fn in_answer(data: &ConstValue) -> u64 {
    match data {
        ConstValue::Object(fields) => OBJECT + fields.values().map(in_answer).sum::<u64>(),
        ConstValue::List(items) => items.iter().map(in_answer).sum(),
        _ => VALUE,
    }
}
