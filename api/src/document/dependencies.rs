//! Static dependencies of a response, determined from its document. Resolvers report the rest.

use async_graphql_value::{ConstValue, Value};
use registry::snapshot::Kinds;

use super::field_policies::FieldPolicies;
use crate::graphql::kit::field_policy::STATISTICS;

/// What a response depends on, as far as its document determines it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentDependencies {
    /// Kinds of records.
    pub kinds: Kinds,
    /// Whether it contains the time of execution.
    pub tells_time: bool,
    /// Whether it must not be cached: it depends on the client, changes something, or has a field that declares nothing.
    pub is_uncacheable: bool,
    /// Whether it contains results of the search index, which may lag behind the snapshot.
    pub reads_search_index: bool,
}

/// Enum values, and fields of input objects, whose use makes a response depend on further kinds of records.
const NAMES: [(&str, Kinds); 6] = [
    ("MOST_SUBSCRIBERS", STATISTICS),
    ("lastPostOn", STATISTICS),
    ("hasPosted", STATISTICS),
    ("subscribers", STATISTICS),
    // Which territories are in them.
    ("territories", Kinds::REFERENCE),
    // Which organizations own which pages.
    ("withOwners", Kinds::REGISTRY),
];

impl DocumentDependencies {
    /// Dependencies of a field: those that it declares.
    pub(super) fn of_field(policies: &FieldPolicies, owner: &str, field: &str) -> Self {
        match policies.get(owner, field) {
            Some(policy) => Self {
                kinds: policy.depends_on,
                tells_time: policy.tells_time,
                is_uncacheable: policy.is_personal,
                reads_search_index: policy.reads_search_index,
            },
            // An object's type may change: an authority may become an institution.
            None if field == "__typename" => Self { kinds: Kinds::REGISTRY, ..Self::default() },
            None => Self { is_uncacheable: true, ..Self::default() },
        }
    }

    /// Dependencies added by the value of an argument.
    pub(super) fn of_argument(value: &Value) -> Self {
        match value {
            Value::Enum(name) => Self::of_name(name),
            Value::String(text) => Self::of_name(text),
            Value::List(items) => items.iter().map(Self::of_argument).fold(Self::default(), Self::and),
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, value)| Self::of_name(name).and(Self::of_argument(value)));
                fields.fold(Self::default(), Self::and)
            }
            _ => Self::default(),
        }
    }

    /// Dependencies added by the value of a variable.
    pub(super) fn of_value(value: &ConstValue) -> Self {
        match value {
            ConstValue::Enum(name) => Self::of_name(name),
            ConstValue::String(text) => Self::of_name(text),
            ConstValue::List(items) => items.iter().map(Self::of_value).fold(Self::default(), Self::and),
            ConstValue::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, value)| Self::of_name(name).and(Self::of_value(value)));
                fields.fold(Self::default(), Self::and)
            }
            _ => Self::default(),
        }
    }

    /// The union of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            kinds: self.kinds.and(other.kinds),
            tells_time: self.tells_time || other.tells_time,
            is_uncacheable: self.is_uncacheable || other.is_uncacheable,
            reads_search_index: self.reads_search_index || other.reads_search_index,
        }
    }

    fn of_name(name: &str) -> Self {
        let kinds = NAMES.iter().find(|(known, _)| *known == name).map_or(Kinds::NONE, |(_, kinds)| *kinds);
        Self { kinds, ..Self::default() }
    }
}
