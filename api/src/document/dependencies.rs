//! What an answer to a document depends on, as far as its text tells: resolvers tell the rest.

use async_graphql_value::{ConstValue, Value};
use entities::change::SubjectType;
use registry::snapshot::Kinds;

/// What an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentDependencies {
    /// Kinds of things that it is made of.
    pub kinds: Kinds,
    /// Whether it says when it was made.
    pub tells_time: bool,
    /// Whether it is about whoever asks.
    pub is_personal: bool,
}

const FIGURES: Kinds = Kinds::of(&[SubjectType::Statistics]);
const RATINGS: Kinds = Kinds::of(&[SubjectType::Rating, SubjectType::Methodology]);
const INDICATORS: Kinds = Kinds::of(&[SubjectType::Indicator]);

/// Types and their fields that depend on something else than what the registry itself holds; `*` stands for all fields.
const NEEDED: [(&str, &str, Kinds); 37] = [
    ("__Schema", "*", Kinds::NONE),
    ("__Type", "*", Kinds::NONE),
    ("__Field", "*", Kinds::NONE),
    ("__InputValue", "*", Kinds::NONE),
    ("__EnumValue", "*", Kinds::NONE),
    ("__Directive", "*", Kinds::NONE),
    ("_Service", "*", Kinds::NONE),
    ("Query", "__schema", Kinds::NONE),
    ("Query", "__type", Kinds::NONE),
    ("Query", "__typename", Kinds::NONE),
    ("Query", "_service", Kinds::NONE),
    ("Query", "metricDefinitions", Kinds::NONE),
    ("MetricDefinition", "*", Kinds::NONE),
    // A window that does not reach the end of the log stays as it is; one that does tells so itself.
    ("Query", "changes", Kinds::NONE),
    ("ChangeConnection", "*", Kinds::NONE),
    ("ChangeEdge", "*", Kinds::NONE),
    ("PageInfo", "*", Kinds::NONE),
    ("Change", "seq", Kinds::NONE),
    ("Change", "at", Kinds::NONE),
    ("Change", "kind", Kinds::NONE),
    ("Change", "subjectType", Kinds::NONE),
    ("Change", "subjectId", Kinds::NONE),
    ("Change", "isRemoval", Kinds::NONE),
    ("Change", "role", Kinds::NONE),
    ("Change", "reason", Kinds::NONE),
    // Which days of figures matter, they tell themselves.
    ("Query", "audience", Kinds::REFERENCE),
    ("Audience", "groups", Kinds::REFERENCE),
    ("AudienceGroup", "keys", Kinds::REFERENCE),
    ("AudienceGroup", "from", Kinds::NONE),
    ("AudienceGroup", "to", Kinds::NONE),
    ("AudienceGroup", "value", Kinds::NONE),
    ("AudienceGroup", "pagesCounted", Kinds::NONE),
    ("GroupKey", "*", Kinds::REFERENCE),
    ("Query", "publishedRatings", RATINGS),
    ("Query", "methodologies", RATINGS),
    ("Query", "indicators", INDICATORS),
    ("Query", "registryDigest", Kinds::ALL),
];

/// Types and their fields that depend on any figures, beside what the registry itself holds.
const WITH_FIGURES: [(&str, &str); 9] = [
    ("PageStatistics", "latest"),
    ("PageStatistics", "lastDay"),
    ("SumStatistics", "latest"),
    // Whether a figure is a jump is told by figures of days before it.
    ("StatisticsPoint", "isJump"),
    ("Query", "statisticsJumps"),
    ("Query", "rating"),
    ("RegistryCounts", "freshness"),
    ("Rating", "*"),
    ("RatingPlace", "*"),
];

/// Fields that say at which place in the change log, or at what time, an answer was made.
const OF_THE_END: [&str; 2] = ["seq", "registrySeq"];
const OF_THE_TIME: [&str; 2] = ["computedAt", "checkedAt"];
/// Values and keys of arguments that bring figures into play.
const WORDS_OF_FIGURES: [&str; 3] = ["MOST_SUBSCRIBERS", "lastPostOn", "hasPosted"];

/// Types and their fields that depend on something else than what the registry itself holds.
pub fn needed_fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    NEEDED.iter().map(|(type_, field, _)| (*type_, *field)).chain(WITH_FIGURES)
}

impl DocumentDependencies {
    /// What a field needs.
    pub(super) fn of_field(owner: &str, field: &str) -> Self {
        let is = |(type_, name): (&str, &str)| type_ == owner && (name == field || name == "*");
        let known = NEEDED.iter().find(|(type_, name, _)| is((type_, name))).map(|(.., kinds)| *kinds);
        let mut kinds = match known {
            Some(kinds) => kinds,
            None if WITH_FIGURES.into_iter().any(is) => Kinds::REGISTRY.and(FIGURES).and(RATINGS),
            None if OF_THE_END.contains(&field) => Kinds::ALL,
            None => Kinds::REGISTRY,
        };
        if owner == "Mutation" {
            kinds = Kinds::ALL;
        }
        Self {
            kinds,
            tells_time: OF_THE_TIME.contains(&field),
            is_personal: owner == "Mutation" || (owner, field) == ("Query", "rateLimit"),
        }
    }

    /// What an argument of a document needs beside.
    pub(super) fn of_argument(value: &Value) -> Self {
        let figures = match value {
            Value::Enum(name) => is_of_figures(name),
            Value::String(text) => is_of_figures(text),
            Value::List(items) => {
                return items.iter().map(Self::of_argument).fold(Self::default(), Self::and);
            }
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, value)| Self::of_key(name).and(Self::of_argument(value)));
                return fields.fold(Self::default(), Self::and);
            }
            _ => false,
        };
        Self::figures(figures)
    }

    /// What the value of a variable needs beside.
    pub(super) fn of_value(value: &ConstValue) -> Self {
        match value {
            ConstValue::Enum(name) => Self::figures(is_of_figures(name)),
            ConstValue::String(text) => Self::figures(is_of_figures(text)),
            ConstValue::List(items) => items.iter().map(Self::of_value).fold(Self::default(), Self::and),
            ConstValue::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| Self::of_key(name).and(Self::of_value(value)));
                fields.fold(Self::default(), Self::and)
            }
            _ => Self::default(),
        }
    }

    /// What both need.
    pub fn and(self, other: Self) -> Self {
        Self {
            kinds: self.kinds.and(other.kinds),
            tells_time: self.tells_time || other.tells_time,
            is_personal: self.is_personal || other.is_personal,
        }
    }

    fn of_key(name: &str) -> Self {
        Self::figures(is_of_figures(name))
    }

    fn figures(needed: bool) -> Self {
        Self { kinds: if needed { FIGURES } else { Kinds::NONE }, ..Self::default() }
    }
}

fn is_of_figures(word: &str) -> bool {
    WORDS_OF_FIGURES.contains(&word)
}
