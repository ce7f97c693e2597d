//! The table of rooms: who may import whom.

/// Types of the graph, and what finds them by id: they name each other, as the things do that they stand for.
pub const GRAPH: &[&str] = &[
    "authority",
    "coverage",
    "history",
    "institution",
    "node",
    "organization",
    "page",
    "platform",
    "rating",
    "registry_statistics",
    "search",
    "statistics",
    "territory",
    "verification",
];

/// Rooms that may import others, and those that they may: from the lowest to those that join everything. What is not here
/// imports nothing. `graph` stands for all of [`GRAPH`]; one of those may be named alone.
pub const ROOMS: &[(&str, &str)] = &[
    ("csv_writer", "attribution"),
    ("database", "workers"),
    ("snapshot", "address database identifier workers"),
    ("change", "database snapshot workers"),
    ("facts", "change database snapshot workers"),
    ("client", "change database snapshot"),
    ("import", "address change database identifier kit search snapshot"),
    ("pack", "address change database identifier kit snapshot statistics"),
    ("demo", "change facts identifier pack snapshot"),
    ("cache", "shared snapshot workers"),
    ("error", "change database"),
    ("kit", "error snapshot workers"),
    ("rate", "kit shared"),
    ("document", "kit snapshot"),
    ("graph", "address attribution change csv_writer database error facts graph kit snapshot workers"),
    ("schema", "graph rate"),
    ("export", "error graph kit snapshot"),
    ("settings", "attribution document shared"),
    ("pipeline", "cache change document error facts graph kit rate schema settings snapshot workers"),
    ("app", "change pipeline settings"),
    ("auth", "app client pipeline snapshot"),
    ("config", "attribution change document settings shared"),
    ("http", "app auth change csv_writer error export facts graph kit pipeline snapshot"),
    ("websocket", "app auth document error http kit pipeline snapshot workers"),
    ("web", "app snapshot"),
    ("router", "app http pipeline web websocket"),
    ("server", "app http kit pipeline rate router"),
    (
        "cli",
        "app change client config csv_writer database demo facts graph import pack schema server \
         shared snapshot telemetry workers",
    ),
];

/// Libraries that not everyone may use, and the rooms that may.
pub const LIBRARIES: &[(&str, &[&str])] = &[
    (
        "async_graphql",
        &["pipeline", "websocket", "document", "error", "export", "graph", "http", "kit", "rate", "schema"],
    ),
    ("axum", &["auth", "config", "http", "pipeline", "router", "server", "settings", "web", "websocket"]),
    ("hyper", &["server"]),
    ("redis", &["shared"]),
    (
        "sea_orm",
        &["change", "cli", "client", "database", "export", "facts", "graph", "import", "pack", "snapshot"],
    ),
    ("sqlx", &["change", "cli", "database"]),
    ("tantivy", &["search"]),
];

/// Files that answer fields of the graph: they ask the snapshot, and never the database.
pub const RESOLVERS: &[&str] =
    &["fields.rs", "filter.rs", "interface.rs", "object.rs", "query.rs", "rule.rs"];
