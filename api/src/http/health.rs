//! Whether the process lives, and whether it can answer.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::app::App;

/// The process lives; asks nothing of anybody else.
pub async fn live() -> &'static str {
    "live\n"
}

/// A snapshot is being served: true even while the database is away.
pub async fn ready(State(app): State<App>) -> Json<Value> {
    let snapshot = app.registry().snapshot();
    let (organizations, pages) = snapshot.sizes();
    Json(json!({ "status": "ready", "seq": snapshot.seq(), "organizations": organizations, "pages": pages }))
}
