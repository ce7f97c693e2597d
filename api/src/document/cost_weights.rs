//! Fields that cost more than others, because more is done for them or more comes of them.

use super::factor::Counted;

/// What a field costs beside what is selected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// Points that the field itself costs.
    pub(super) points: u64,
    /// How many items it is taken to have.
    pub(super) items: Items,
}

/// How many items a field is taken to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Items {
    /// `first` of a connection, [`Items::OF_A_LIST`] of a list, one of anything else.
    Default,
    /// This many.
    Times(u64),
    /// As many as an argument says or has.
    Argument(&'static str),
}

impl Items {
    /// Items of a list that is not told how many it may have.
    pub(super) const OF_A_LIST: u64 = 5;
}

/// Types and their fields that are dearer, with points and items.
const WEIGHTS: [(&str, &str, u64, Items); 27] = [
    ("Query", "__schema", 100, Items::Default),
    ("Query", "__type", 10, Items::Default),
    ("Query", "_service", 100, Items::Default),
    ("Query", "_entities", 0, Items::Argument("representations")),
    ("Query", "verifyPages", 0, Items::Argument("urls")),
    ("PageVerification", "lookalikes", 1, Items::Default),
    ("Query", "audience", 50, Items::Default),
    ("Audience", "groups", 0, Items::Times(100)),
    ("Query", "coverage", 20, Items::Default),
    ("Coverage", "groups", 0, Items::Times(50)),
    ("Query", "registryStatistics", 10, Items::Default),
    ("RegistryStatistics", "groups", 0, Items::Times(50)),
    ("Query", "registryDigest", 50, Items::Default),
    ("Query", "changes", 10, Items::Default),
    ("Subscription", "changes", 10, Items::Default),
    ("Query", "search", 10, Items::Default),
    ("Query", "leaderboard", 700, Items::Default),
    ("Query", "rating", 200, Items::Default),
    ("Query", "statisticsJumps", 10, Items::Default),
    ("Query", "regions", 0, Items::Times(90)),
    ("PageStatistics", "lastDay", 1, Items::Default),
    ("PageStatistics", "series", 5, Items::Times(30)),
    ("PageStatistics", "growth", 1, Items::Default),
    ("SumStatistics", "latest", 1, Items::Default),
    ("SumStatistics", "series", 50, Items::Times(30)),
    ("Mutation", "statisticsSubmit", 10, Items::Argument("input")),
    ("Mutation", "ratingPublish", 500, Items::Default),
];

/// Type and field that an argument is of.
type Of = (&'static str, &'static str);

/// What an argument costs beside its field, in parts of a point, for each item of a list, or where it is given at all: more is
/// done for them, whatever comes of it. The first that fits counts.
const SURCHARGES: [(Option<Of>, &str, u64); 20] = [
    // Whole lists are filtered, and counted.
    (Some(("Query", "pages")), "filter", 40),
    (Some(("Query", "authorities")), "filter", 40),
    (Some(("Query", "institutions")), "filter", 40),
    (Some(("Query", "uncovered")), "filter", 40),
    (Some(("Territory", "authorities")), "filter", 40),
    (Some(("Territory", "institutions")), "filter", 40),
    (Some(("Query", "search")), "filter", 100),
    (None, "filter", 30),
    (Some(("Query", "authorities")), "orderBy", 80),
    (Some(("Query", "institutions")), "orderBy", 80),
    (Some(("Query", "uncovered")), "orderBy", 80),
    (Some(("Territory", "authorities")), "orderBy", 80),
    (Some(("Territory", "institutions")), "orderBy", 80),
    // Those of all territories in it are looked through.
    (Some(("Query", "changes")), "territory", 100),
    (Some(("Query", "registryStatistics")), "groupBy", 300),
    (Some(("Query", "coverage")), "groupBy", 100),
    // Groups are made before there may be too many of them.
    (Some(("Query", "audience")), "groupBy", 1_200),
    (None, "asOf", 200),
    (Some(("Query", "registryDigest")), "seq", 5_000),
    (Some(("Query", "verifyPages")), "urls", 5),
];

/// The same for each word of a text.
const SURCHARGES_BY_WORD: [(Of, &str, u64); 1] = [(("Query", "search"), "text", 160)];

/// What an argument costs beside its field, in parts of a point, for each of what is counted of it.
pub(super) fn surcharge_of(owner: &str, field: &str, argument: &str) -> Option<(Counted, u64)> {
    let by_word = SURCHARGES_BY_WORD.iter().find(|(of, name, _)| *of == (owner, field) && *name == argument);
    let is_of = |of: Option<(&str, &str)>| of.is_none_or(|of| of == (owner, field));
    let found = || SURCHARGES.iter().find(|(of, name, _)| is_of(*of) && *name == argument);
    match by_word {
        Some((.., parts)) => Some((Counted::Words, *parts)),
        None => found().map(|(.., parts)| (Counted::Size, *parts)),
    }
}

/// Types and their fields that cost more than others.
pub fn weighted_fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    WEIGHTS.iter().map(|(type_, field, ..)| (*type_, *field))
}

/// What a field costs beside what is selected of it.
pub(super) fn weight_of(owner: &str, field: &str) -> Weight {
    let found = WEIGHTS.iter().find(|(type_, name, ..)| *name == field && *type_ == owner);
    found.map_or(Weight { points: 0, items: Items::Default }, |(.., points, items)| Weight {
        points: *points,
        items: *items,
    })
}
