//! Whether the process lives, and whether it can answer.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{Json, extract::State, http::StatusCode};
use registry::task_monitor::{Failure, Report};
use serde_json::{Map, Value, json};

use crate::{app::App, error_code::ErrorCode};

/// The process lives; asks nothing of anybody else.
pub async fn live() -> &'static str {
    "live\n"
}

/// A snapshot is being served that is as new as the log, or was some seconds ago. Where it is older, another replica should
/// be asked: this one still answers. Tells as well what came of the cache.
pub async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let (status, word) = match (app.registry().is_rejoining(), app.service().is_lagging()) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "loading anew"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "lagging"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let snapshot = app.registry().snapshot();
    let (organizations, pages) = snapshot.public_sizes();
    let counts = app.service().response_cache().counts();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let told = json!({
        "status": word,
        "seq": snapshot.seq(),
        "timeline": {
            "epoch": snapshot.timeline().epoch,
            "breaks": snapshot.timeline().last_break,
            "loadedAnew": snapshot.timeline().generation,
        },
        "receipt": app.registry().receipt().as_deref(),
        "lagSeconds": app.registry().lag().as_secs(),
        "organizations": organizations,
        "pages": pages,
        "answers": {
            "keptHere": count(&counts.here),
            "keptInRedis": count(&counts.shared),
            "made": count(&counts.made),
        },
        "tasks": tasks(&app),
        "redis": app.settings().shared.as_ref().map(|shared| json!({ "isUp": shared.is_up(), "failedCommands": shared.failed() })),
    });
    (status, Json(told))
}

/// What each background task did last, by name.
fn tasks(app: &App) -> Map<String, Value> {
    let code = |failure| match failure {
        Failure::Unavailable => ErrorCode::Unavailable.as_str(),
        Failure::Internal => ErrorCode::Internal.as_str(),
    };
    let report = |Report { last_run, last_error }: Report| {
        let last_error = last_error.map(|(at, failure)| json!({ "at": at, "code": code(failure) }));
        json!({ "lastRun": last_run, "lastError": last_error })
    };
    app.registry().tasks().reports().into_iter().map(|(name, it)| (name.to_owned(), report(it))).collect()
}
