//! Static dependencies of a response, determined from its document. Resolvers report the rest.

use async_graphql::{Positioned, parser::types::VariableDefinition, registry::MetaTypeName};
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
    pub depends_on_time: bool,
    /// Whether it must not be cached: it depends on the client, changes something, or has a field that declares nothing.
    pub is_uncacheable: bool,
    /// Whether it contains results of the search index, which may lag behind the snapshot.
    pub reads_search_index: bool,
}

/// Fields of input objects whose use makes a response depend on further kinds of records.
const NAMES: [(&str, Kinds); 5] = [
    ("lastPostOn", STATISTICS),
    ("hasPosted", STATISTICS),
    ("subscribers", STATISTICS),
    // Which territories are in them.
    ("territories", Kinds::REFERENCE),
    // Which organizations own which pages.
    ("withOwners", Kinds::REGISTRY),
];

/// Field of an order that says what a list is ordered by.
const ORDER_FIELD: &str = "field";
/// Values of it that come from statistics. Metrics have some of these names, too, but not as a value of this field.
const BY_STATISTICS: [&str; 3] = ["SUBSCRIBERS", "LAST_POST_ON", "AUDIENCE"];
/// Types of these values.
const ORDER_FIELDS: [&str; 2] = ["PageOrderField", "OrganizationOrderField"];

impl DocumentDependencies {
    /// Dependencies of a field: those that it declares.
    pub(super) fn of_field(policies: &FieldPolicies, owner: &str, field: &str) -> Self {
        match policies.get(owner, field) {
            Some(policy) => Self {
                kinds: policy.depends_on,
                depends_on_time: policy.depends_on_time,
                is_uncacheable: policy.is_personal,
                reads_search_index: policy.reads_search_index,
            },
            // An object's type may change: an authority may become an institution.
            None if field == "__typename" => Self { kinds: Kinds::REGISTRY, ..Self::default() },
            None => Self { is_uncacheable: true, ..Self::default() },
        }
    }

    /// Dependencies added by variables that are declared, whatever their values are: the value of an order's field alone does
    /// not tell that it is one.
    pub(super) fn of_variables(declared: &[Positioned<VariableDefinition>]) -> Self {
        let is_order_field = |it: &Positioned<VariableDefinition>| {
            let kind = it.node.var_type.node.to_string();
            ORDER_FIELDS.contains(&MetaTypeName::concrete_typename(&kind))
        };
        if declared.iter().any(is_order_field) { Self::of_kinds(STATISTICS) } else { Self::default() }
    }

    /// Dependencies added by the value of an argument.
    pub(super) fn of_argument(value: &Value) -> Self {
        match value {
            Value::List(items) => items.iter().map(Self::of_argument).fold(Self::default(), Self::and),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| match value {
                    Value::Enum(text) => Self::of_member(name, text),
                    value => Self::of_name(name).and(Self::of_argument(value)),
                });
                fields.fold(Self::default(), Self::and)
            }
            _ => Self::default(),
        }
    }

    /// Dependencies added by the value of a variable.
    pub(super) fn of_value(value: &ConstValue) -> Self {
        match value {
            ConstValue::List(items) => items.iter().map(Self::of_value).fold(Self::default(), Self::and),
            ConstValue::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| match value {
                    ConstValue::Enum(text) => Self::of_member(name, text),
                    ConstValue::String(text) => Self::of_member(name, text),
                    value => Self::of_name(name).and(Self::of_value(value)),
                });
                fields.fold(Self::default(), Self::and)
            }
            _ => Self::default(),
        }
    }

    /// The union of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            kinds: self.kinds.and(other.kinds),
            depends_on_time: self.depends_on_time || other.depends_on_time,
            is_uncacheable: self.is_uncacheable || other.is_uncacheable,
            reads_search_index: self.reads_search_index || other.reads_search_index,
        }
    }

    fn of_kinds(kinds: Kinds) -> Self {
        Self { kinds, ..Self::default() }
    }

    fn of_name(name: &str) -> Self {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map_or_else(Self::default, |(_, kinds)| Self::of_kinds(*kinds))
    }

    /// Dependencies added by a member of an enum, as the value of a field of an input object.
    fn of_member(field: &str, member: &str) -> Self {
        let is_by_statistics = field == ORDER_FIELD && BY_STATISTICS.contains(&member);
        Self::of_name(field).and(Self::of_kinds(if is_by_statistics { STATISTICS } else { Kinds::NONE }))
    }
}
