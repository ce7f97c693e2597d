//! Liveness and readiness.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{Json, extract::State, http::StatusCode};
use registry::task_monitor::{Failure, Report};
use serde_json::{Map, Value, json};

use crate::{app::App, error_code::ErrorCode};

/// Liveness: checks no dependencies.
pub async fn live() -> &'static str {
    "live\n"
}

/// Readiness: 200 while the snapshot lags behind the change log by at most `MAX_LAG`. Otherwise 503, and requests should go
/// to another replica; this one still serves them. The body has the state of timeline, cache, tasks and Redis.
pub async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let (status, word) = match (app.registry().is_reloading(), app.service().is_lagging()) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "reloading"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "lagging"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let snapshot = app.registry().snapshot();
    let (organizations, pages) = snapshot.public_sizes();
    let counts = app.service().response_cache().counts();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let body = json!({
        "status": word,
        "seq": snapshot.seq(),
        "timeline": {
            "epoch": snapshot.timeline().epoch,
            "breaks": snapshot.timeline().last_break,
            "reloads": snapshot.timeline().generation,
        },
        "receipt": app.registry().receipt().as_deref(),
        "lagSeconds": app.registry().lag().as_secs(),
        "organizations": organizations,
        "pages": pages,
        "responseCache": {
            "memoryHits": count(&counts.here),
            "redisHits": count(&counts.shared),
            "misses": count(&counts.misses),
        },
        "tasks": tasks(&app),
        "redis": app.settings().shared.as_ref().map(|shared| json!({ "isUp": shared.is_up(), "failedCommands": shared.failed() })),
    });
    (status, Json(body))
}

/// Last run and last error of each background task, by name.
fn tasks(app: &App) -> Map<String, Value> {
    let code = |failure| match failure {
        Failure::Unavailable => ErrorCode::Unavailable.as_str(),
        Failure::Internal => ErrorCode::Internal.as_str(),
    };
    let report = |Report { last_run, last_error, progress }: Report| {
        let last_error = last_error.map(|(at, failure)| json!({ "at": at, "code": code(failure) }));
        let progress = progress.map(|it| json!({ "done": it.done, "of": it.of, "units": it.units }));
        json!({ "lastRun": last_run, "lastError": last_error, "progress": progress })
    };
    app.registry().tasks().reports().into_iter().map(|(name, it)| (name.to_owned(), report(it))).collect()
}
