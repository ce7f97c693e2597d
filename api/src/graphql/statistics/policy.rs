//! Cost and dependencies of each field.

use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy, WITH_STATISTICS};

/// Points of `audience`; files of it cost them, too.
pub const AUDIENCE_POINTS: u64 = 50;
/// Points of each dimension of its `groupBy`.
pub const AUDIENCE_GROUP_BY_POINTS: u64 = 60;

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[]).and(&[FieldPolicy::new(
        "statisticsSubmit",
        Kinds::ALL,
    )
    .cost(10)
    .items(Items::Argument("input"))
    .personal()
    .needs(&[Scope::Statistics])]),
    TypePolicy::new("Query", Kinds::NONE, &["metricDefinitions"]).and(&[
        FieldPolicy::new("audience", Kinds::REFERENCE)
            .cost(AUDIENCE_POINTS)
            .arguments(&[
                ArgumentCost::of_each("filter", 30),
                ArgumentCost::of_each("groupBy", 20 * AUDIENCE_GROUP_BY_POINTS),
            ])
            .waits(),
        FieldPolicy::new("statisticsJumps", WITH_STATISTICS).cost(10).waits(),
    ]),
    TypePolicy::new("Audience", Kinds::ALL, &["seq"]).and(&[
        FieldPolicy::new("groups", Kinds::REFERENCE).items(Items::Times(100)),
        FieldPolicy::new("computedAt", Kinds::REGISTRY).depends_on_time(),
    ]),
    TypePolicy::new("AudienceGroup", Kinds::NONE, &["from", "to", "value", "pagesCounted", "isFinal"]).and(
        &[FieldPolicy::new("keys", Kinds::REFERENCE), FieldPolicy::new("pagesMissing", Kinds::REGISTRY)],
    ),
    TypePolicy::new("Growth", Kinds::REGISTRY, &["from", "to", "subscribers", "ratio"]),
    TypePolicy::new("MetricDefinition", Kinds::NONE, &["metric", "kind", "formula", "inputs"]),
    TypePolicy::new("PageFigures", Kinds::REGISTRY, &["subscribers", "lastPostAt", "recordedAt"]),
    TypePolicy::new("PageStatistics", WITH_STATISTICS, &["latest"]).and(&[
        FieldPolicy::new("lastDay", WITH_STATISTICS).cost(1).waits(),
        FieldPolicy::new("series", Kinds::REGISTRY).cost(5).items(Items::Times(30)).waits(),
        FieldPolicy::new("growth", Kinds::REGISTRY).cost(1).waits(),
    ]),
    TypePolicy::new("StatisticsJump", Kinds::REGISTRY, &["page", "day", "subscribers", "before"]),
    TypePolicy::new(
        "StatisticsJumpConnection",
        Kinds::REGISTRY,
        &["edges", "nodes", "pageInfo", "totalCount"],
    ),
    TypePolicy::new("StatisticsJumpEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new(
        "StatisticsPoint",
        Kinds::REGISTRY,
        &[
            "from",
            "to",
            "days",
            "subscribers",
            "views",
            "reach",
            "posts",
            "reactions",
            "comments",
            "shares",
            "messagesReceived",
            "messagesAnswered",
            "videos",
            "shorts",
            "streams",
            "isFinal",
        ],
    )
    .and(&[FieldPolicy::new("isJump", WITH_STATISTICS)]),
    TypePolicy::new(
        "StatisticsRowResult",
        Kinds::REGISTRY,
        &["index", "status", "code", "message", "isJump"],
    ),
    TypePolicy::new("StatisticsSubmitError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("StatisticsSubmitPayload", Kinds::REGISTRY, &["results", "userErrors"])
        .and(&[FieldPolicy::new("seq", Kinds::ALL)]),
    TypePolicy::new("SumFigures", Kinds::REGISTRY, &["subscribersSum", "pagesCounted", "pagesMissing"]),
    TypePolicy::new(
        "SumPoint",
        Kinds::REGISTRY,
        &[
            "from",
            "to",
            "subscribersSum",
            "viewsSum",
            "reachSum",
            "postsSum",
            "reactionsSum",
            "commentsSum",
            "sharesSum",
            "messagesReceivedSum",
            "messagesAnsweredSum",
            "videosSum",
            "shortsSum",
            "streamsSum",
            "pagesCounted",
            "pagesMissing",
            "isFinal",
        ],
    ),
    TypePolicy::new("SumStatistics", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("latest", WITH_STATISTICS).cost(1),
        FieldPolicy::new("series", Kinds::REGISTRY).cost(50).items(Items::Times(30)).waits(),
    ]),
];
