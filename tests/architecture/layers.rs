//! The table of layers and their allowed imports.

/// Shared folders of the schema: each is its own layer. All other folders there are one layer, `graphql`, because types
/// of the graph refer to each other.
pub const SHARED_BY_NOUNS: &[&str] = &["error", "kit", "schema"];

/// Layers and the layers that they may import, from the lowest to the highest. A layer that is not listed imports
/// nothing. Seen from `api`, the registry is one layer.
pub const LAYERS: &[(&str, &str)] = &[
    ("registry/csv_writer", "registry/attribution"),
    ("registry/parquet_writer", "registry/attribution"),
    ("registry/database", "registry/worker_pool"),
    ("registry/model", "registry/address registry/calendar registry/identifier"),
    (
        "registry/snapshot",
        "registry/address registry/calendar registry/database registry/global_id registry/model registry/worker_pool",
    ),
    ("registry/rollup", "registry/database registry/model"),
    ("registry/task_monitor", "registry/database"),
    (
        "registry/view",
        "registry/address registry/calendar registry/model registry/snapshot registry/worker_pool",
    ),
    ("registry/verification", "registry/address registry/view"),
    (
        "registry/change_log",
        "registry/database registry/model registry/rollup registry/snapshot registry/task_monitor registry/view registry/worker_pool",
    ),
    ("registry/author", "registry/change_log registry/model registry/snapshot registry/view"),
    (
        "registry/idempotency",
        "registry/author registry/change_log registry/database registry/model registry/snapshot registry/worker_pool",
    ),
    (
        "registry/statistics",
        "registry/attribution registry/calendar registry/change_log registry/csv_writer registry/database registry/file_kind registry/global_id registry/idempotency registry/model registry/parquet_writer registry/rollup registry/snapshot registry/verification registry/view registry/worker_pool",
    ),
    (
        "registry/analytics",
        "registry/calendar registry/change_log registry/database registry/idempotency registry/model registry/snapshot registry/statistics registry/view registry/worker_pool",
    ),
    (
        "registry/record_reference",
        "registry/author registry/global_id registry/model registry/snapshot registry/verification registry/view",
    ),
    (
        "registry/api_client",
        "registry/author registry/change_log registry/database registry/idempotency registry/model registry/record_reference registry/snapshot",
    ),
    (
        "registry/provenance",
        "registry/author registry/change_log registry/idempotency registry/model registry/record_reference registry/snapshot registry/view",
    ),
    (
        "registry/page",
        "registry/address registry/author registry/change_log registry/idempotency registry/language registry/model registry/provenance registry/record_reference registry/snapshot",
    ),
    (
        "registry/mark",
        "registry/author registry/change_log registry/idempotency registry/model registry/provenance registry/record_reference registry/snapshot registry/view",
    ),
    (
        "registry/platform_report",
        "registry/address registry/author registry/change_log registry/idempotency registry/mark registry/model registry/provenance registry/record_reference registry/snapshot",
    ),
    (
        "registry/search",
        "registry/address registry/change_log registry/model registry/snapshot registry/verification registry/view registry/worker_pool",
    ),
    (
        "registry/import",
        "registry/address registry/calendar registry/change_log registry/csv_writer registry/database registry/file_kind registry/identifier registry/json_names registry/language registry/model registry/parse_error registry/provenance registry/search registry/snapshot registry/view",
    ),
    (
        "registry/pack",
        "registry/address registry/analytics registry/calendar registry/change_log registry/database registry/identifier registry/language registry/model registry/parse_error registry/provenance",
    ),
    (
        "registry/demo",
        "registry/calendar registry/change_log registry/identifier registry/model registry/pack registry/snapshot registry/statistics",
    ),
    ("witness", "registry"),
    ("response_cache", "redis registry"),
    ("rate_limit", "redis"),
    ("graphql/error", "error_code registry"),
    ("graphql/kit", "graphql/error registry"),
    ("graphql", "graphql/error graphql/kit rate_limit registry"),
    ("graphql/schema", "graphql graphql/kit registry"),
    ("document", "error_code graphql/kit registry"),
    ("config", "document redis registry witness"),
    ("export", "graphql graphql/error graphql/kit registry"),
    (
        "pipeline",
        "config document error_code graphql graphql/error graphql/kit graphql/schema rate_limit registry response_cache",
    ),
    ("app", "config pipeline registry"),
    ("auth", "app error_code pipeline registry"),
    ("http", "app auth error_code export graphql/error graphql/kit graphql/schema pipeline registry"),
    ("websocket", "app auth error_code graphql/error graphql/kit http pipeline registry"),
    ("web", "app registry"),
    ("router", "app http pipeline web websocket"),
    ("server", "app error_code http pipeline rate_limit router"),
    ("background", "app redis registry"),
    ("cli", "app background config document error_code graphql/schema registry server telemetry"),
];

/// Restricted libraries, and the layers that may use them.
pub const LIBRARIES: &[(&str, &[&str])] = &[
    (
        "async_graphql",
        &[
            "document",
            "export",
            "graphql",
            "graphql/error",
            "graphql/kit",
            "graphql/schema",
            "http",
            "pipeline",
            "websocket",
        ],
    ),
    ("axum", &["auth", "config", "error_code", "http", "pipeline", "router", "server", "web", "websocket"]),
    ("hyper", &["server"]),
    ("redis", &["redis"]),
    (
        "sea_orm",
        &[
            "cli",
            "export",
            "graphql",
            "registry/analytics",
            "registry/api_client",
            "registry/change_log",
            "registry/database",
            "registry/idempotency",
            "registry/import",
            "registry/pack",
            "registry/rollup",
            "registry/snapshot",
            "registry/statistics",
        ],
    ),
    ("sqlx", &["cli", "registry/change_log", "registry/database"]),
    ("tantivy", &["registry/search"]),
    ("ureq", &["witness"]),
];

/// Libraries that the registry may not depend on: it has neither GraphQL nor HTTP.
pub const NOT_IN_REGISTRY: &[&str] =
    &["async-graphql", "axum", "clap", "http", "hyper", "redis", "reqwest", "tower", "ureq"];

/// Files with resolvers: they read the snapshot, never the database.
pub const RESOLVERS: &[&str] =
    &["fields.rs", "filter.rs", "interface.rs", "object.rs", "query.rs", "rule.rs"];
