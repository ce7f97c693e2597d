//! What is declared of each field beside its resolver: its cost, what its value depends on, and whether it waits.

use entities::change::SubjectType;
use registry::{model::Scope, snapshot::Kinds};

use super::connection::MAX_FIRST;

/// Parts per point; costs are computed in parts.
pub const PARTS: u64 = 20;
/// Cost of an object, in parts.
pub const OBJECT: u64 = 4;
/// Cost of a scalar, in parts.
pub const VALUE: u64 = 1;

/// Statistics of pages on any day, beside the registry itself: also of pages whose records are unchanged.
pub const WITH_STATISTICS: Kinds = Kinds::REGISTRY.and(STATISTICS).and(RATINGS);
/// Statistics of pages on any day.
pub const STATISTICS: Kinds = Kinds::of(&[SubjectType::Statistics]);
/// Published ratings and methodologies.
pub const RATINGS: Kinds = Kinds::of(&[SubjectType::Rating, SubjectType::Methodology]);
/// Indicators.
pub const INDICATORS: Kinds = Kinds::of(&[SubjectType::Indicator]);

/// Points of `asOf` of counts, for which the whole registry may have to be restored; files of counts cost them, too.
pub const RESTORED_POINTS: u64 = 100;
/// The same in twentieths of a point.
pub const RESTORED: u64 = 20 * RESTORED_POINTS;

/// Policies of the fields of a type. A type may be declared in several parts, as the root types are.
#[derive(Clone, Copy, Debug)]
pub struct TypePolicy {
    /// Name of the type in the schema.
    pub name: &'static str,
    /// Kinds of records that each of [`Self::fields`] depends on.
    pub depends_on: Kinds,
    /// Fields that have nothing to declare but that.
    pub fields: &'static [&'static str],
    /// The other fields.
    pub other: &'static [FieldPolicy],
}

impl TypePolicy {
    /// Fields that depend on these kinds of records, and cost what any field costs.
    pub const fn new(name: &'static str, depends_on: Kinds, fields: &'static [&'static str]) -> Self {
        Self { name, depends_on, fields, other: &[] }
    }

    /// The same, with fields that have more to declare.
    pub const fn and(self, other: &'static [FieldPolicy]) -> Self {
        Self { other, ..self }
    }

    /// The policy of each field.
    pub fn policies(&self) -> impl Iterator<Item = FieldPolicy> {
        let plain = self.fields.iter().map(|name| FieldPolicy::new(name, self.depends_on));
        plain.chain(self.other.iter().copied())
    }
}

/// Cost, dependencies and execution of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldPolicy {
    /// Name of the field.
    pub name: &'static str,
    /// Kinds of records that its value depends on. Days of statistics are reported by the resolver instead.
    pub depends_on: Kinds,
    /// Points that it costs beside what is selected of it.
    pub points: u64,
    /// Number of items that it is charged for.
    pub items: Items,
    /// Largest `first` that it accepts, if it has this argument.
    pub max_first: i32,
    /// Arguments that cost more.
    pub arguments: &'static [ArgumentCost],
    /// When its resolver waits.
    pub waits: Waits,
    /// Whether its resolver reads the search index, which may lag behind the snapshot.
    pub reads_search_index: bool,
    /// Whether its value is the time of execution.
    pub depends_on_time: bool,
    /// Whether its value depends on the client, or it changes something: never cached.
    pub is_personal: bool,
    /// Scopes of which it needs one, if there are any: without it, the resolver gives `FORBIDDEN`, and introspection does not
    /// show the field.
    pub scopes: &'static [Scope],
}

impl FieldPolicy {
    /// A field that depends on these kinds of records.
    pub const fn new(name: &'static str, depends_on: Kinds) -> Self {
        Self {
            name,
            depends_on,
            points: 0,
            items: Items::Default,
            max_first: MAX_FIRST,
            arguments: &[],
            waits: Waits::Never,
            reads_search_index: false,
            depends_on_time: false,
            is_personal: false,
            scopes: &[],
        }
    }

    /// Sets the points that it costs beside what is selected of it.
    pub const fn cost(self, points: u64) -> Self {
        Self { points, ..self }
    }

    /// Sets the number of items that it is charged for.
    pub const fn items(self, items: Items) -> Self {
        Self { items, ..self }
    }

    /// Sets the largest `first` that it accepts.
    pub const fn max_first(self, max_first: i32) -> Self {
        Self { max_first, ..self }
    }

    /// Sets the arguments that cost more.
    pub const fn arguments(self, arguments: &'static [ArgumentCost]) -> Self {
        Self { arguments, ..self }
    }

    /// Its resolver waits, for the database or a worker.
    pub const fn waits(self) -> Self {
        Self { waits: Waits::Always, ..self }
    }

    /// Its resolver waits, for the database or a worker, where this argument has a value.
    pub const fn waits_with(self, argument: &'static str) -> Self {
        Self { waits: Waits::With(argument), ..self }
    }

    /// Its resolver reads the search index, which may lag behind the snapshot.
    pub const fn reads_search_index(self) -> Self {
        Self { reads_search_index: true, ..self }
    }

    /// Its value is the time of execution.
    pub const fn depends_on_time(self) -> Self {
        Self { depends_on_time: true, ..self }
    }

    /// Its value depends on the client, or it changes something: never cached.
    pub const fn personal(self) -> Self {
        Self { is_personal: true, ..self }
    }

    /// It needs a key with one of these scopes, which its resolver checks.
    pub const fn needs(self, scopes: &'static [Scope]) -> Self {
        Self { scopes, ..self }
    }
}

/// When a resolver waits, for the database or a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waits {
    /// Never.
    Never,
    /// Always.
    Always,
    /// Where this argument has a value.
    With(&'static str),
}

/// Number of items that a field is charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// `first` of a connection, [`Items::OF_A_LIST`] of a list, one of anything else.
    Default,
    /// This many.
    Times(u64),
    /// The number in an argument, or its length.
    Argument(&'static str),
}

impl Items {
    /// Items of a list without a declared length.
    pub const OF_A_LIST: u64 = 5;
}

/// Cost of an argument that makes its field do more, however few items come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgumentCost {
    /// Name of the argument.
    pub name: &'static str,
    /// Twentieths of a point for each of what is counted.
    pub parts: u64,
    /// What is counted.
    pub each: Each,
}

/// What an argument costs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Each item of a list, or any other value.
    Item,
    /// Each word of a text.
    Word,
    /// A value that is or has this member of an enum.
    Member(&'static str),
}

impl ArgumentCost {
    /// So many twentieths of a point for each item of a list, or for any other value.
    pub const fn of_each(name: &'static str, parts: u64) -> Self {
        Self { name, parts, each: Each::Item }
    }

    /// So many twentieths of a point for each word of a text.
    pub const fn of_each_word(name: &'static str, parts: u64) -> Self {
        Self { name, parts, each: Each::Word }
    }

    /// So many twentieths of a point for a value that is or has this member of an enum.
    pub const fn of_member(name: &'static str, member: &'static str, parts: u64) -> Self {
        Self { name, parts, each: Each::Member(member) }
    }
}
