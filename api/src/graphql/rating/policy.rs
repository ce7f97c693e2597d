//! Cost and dependencies of each field.

use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{
    ArgumentCost, FieldPolicy, INDICATORS, RATINGS, TypePolicy, WITH_STATISTICS,
};

/// Points of `leaderboard`; files of it cost them, too.
pub const LEADERBOARD_POINTS: u64 = 700;
/// Points of `rating`; files of it cost them, too.
pub const RATING_POINTS: u64 = 200;

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("ratingPublish", Kinds::ALL).cost(500).personal().needs(&[Scope::Ratings])]),
    TypePolicy::new("Query", RATINGS, &["methodologies"]).and(&[
        FieldPolicy::new("leaderboard", Kinds::REGISTRY)
            .cost(LEADERBOARD_POINTS)
            .arguments(&[ArgumentCost::of_each("filter", 30)])
            .waits(),
        FieldPolicy::new("rating", WITH_STATISTICS).cost(RATING_POINTS).waits(),
        FieldPolicy::new("publishedRatings", RATINGS).waits(),
        FieldPolicy::new("indicators", INDICATORS),
    ]),
    TypePolicy::new("Indicator", Kinds::REGISTRY, &["code", "name", "unit", "figures"]),
    TypePolicy::new("IndicatorFigure", Kinds::REGISTRY, &["from", "to", "value", "source"]),
    TypePolicy::new(
        "LeaderboardEntry",
        Kinds::REGISTRY,
        &["rank", "value", "formerRank", "change", "subject"],
    ),
    TypePolicy::new(
        "LeaderboardEntryConnection",
        Kinds::REGISTRY,
        &["edges", "nodes", "pageInfo", "totalCount"],
    ),
    TypePolicy::new("LeaderboardEntryEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new(
        "Methodology",
        Kinds::REGISTRY,
        &["code", "name", "version", "validFrom", "components", "formula"],
    ),
    TypePolicy::new("MethodologyComponent", Kinds::REGISTRY, &["metric", "weight"]),
    TypePolicy::new(
        "Rating",
        WITH_STATISTICS,
        &["methodology", "from", "to", "publishedAt", "digest", "entries"],
    ),
    TypePolicy::new("RatingComponent", Kinds::REGISTRY, &["metric", "value", "share"]),
    TypePolicy::new("RatingConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("RatingEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("RatingEntry", WITH_STATISTICS, &["rank", "score", "components", "subject"]),
    TypePolicy::new("RatingEntryConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("RatingEntryEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("RatingPublishError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("RatingPublishPayload", Kinds::REGISTRY, &["rating", "userErrors"]),
];
