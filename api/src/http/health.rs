//! Whether the process lives, and whether it can answer.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::app::App;

/// The process lives; asks nothing of anybody else.
pub async fn live() -> &'static str {
    "live\n"
}

/// A snapshot is being served: true even while the database or Redis is away. Tells as well what came of the cache.
pub async fn ready(State(app): State<App>) -> Json<Value> {
    let snapshot = app.registry().snapshot();
    let (organizations, pages) = snapshot.sizes();
    let counts = app.answers().counts();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Json(json!({
        "status": "ready",
        "seq": snapshot.seq(),
        "organizations": organizations,
        "pages": pages,
        "answers": {
            "keptHere": count(&counts.here),
            "keptInRedis": count(&counts.shared),
            "made": count(&counts.made),
        },
        "redis": app.shared().map(|shared| json!({ "isUp": shared.is_up(), "failedCommands": shared.failed() })),
    }))
}
