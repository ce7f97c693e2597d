//! A server that lags behind the log, or whose database is down: it says so, and rejects keys that it cannot verify.

use std::time::Duration;

use api::config::settings::Settings;
use axum::http::StatusCode;
use registry::model::Scope;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::harness::TestApp;

/// A service for which every snapshot is too old.
async fn lagging() -> TestApp {
    TestApp::start_with(Settings { max_lag: Duration::ZERO, ..Settings::default() }).await
}

#[tokio::test]
async fn a_server_that_is_behind_the_log_is_not_ready_and_answers_all_the_same() {
    let app = lagging().await;
    let ready = app.get("/readyz", &[]).await;
    assert_eq!((ready.status, &ready.json()["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("lagging")));
    assert!(ready.json()["lagSeconds"].is_u64());
    assert_eq!(app.get("/livez", &[]).await.status, StatusCode::OK);
    let asked = app.post("/public/graphql", None, &json!({ "query": "{ platforms { code } }" })).await;
    assert_eq!(asked.status, StatusCode::OK);
    let current = TestApp::start().await;
    let ready = current.get("/readyz", &[]).await;
    assert_eq!((ready.status, &ready.json()["status"]), (StatusCode::OK, &json!("ready")));
}

#[tokio::test]
async fn a_server_that_is_behind_the_log_asks_the_database_whether_a_key_still_holds() {
    let app = lagging().await;
    let key = app.key("partner", Scope::Review).await;
    let ask = json!({ "query": "{ platforms { code } }" });
    assert_eq!(app.post("/graphql", Some(&key), &ask).await.status, StatusCode::OK);
    let database = app.registry.database();
    let revoke = "UPDATE client SET revoked_at = created_at";
    database.read.execute_unprepared(revoke).await.expect("the change behind the back");
    let rejected = app.post("/graphql", Some(&key), &ask).await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".into()));
    database.read.clone().close().await.expect("the pool closes");
    let unsure = app.post("/graphql", Some(&key), &ask).await;
    assert_eq!((unsure.status, unsure.code()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".into()));
}

#[tokio::test]
async fn a_database_that_is_away_is_reported_as_such() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    app.registry.database().read.clone().close().await.expect("the pool closes");
    let ask = json!({ "query": "{ changes(first: 1) { nodes { seq } } }" });
    for accept in ["application/json", "application/graphql-response+json"] {
        let request = axum::http::Request::post("/public/graphql")
            .header("content-type", "application/json")
            .header("accept", accept)
            .body(ask.to_string().into());
        let away = app.send(request.expect("a request")).await;
        assert_eq!(
            (away.status, away.code()),
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".into()),
            "{accept}"
        );
        assert_eq!(away.header("retry-after"), "5");
        assert!(!String::from_utf8_lossy(&away.body).to_lowercase().contains("pool"), "no word of ours");
    }
    // Reads from memory need no database.
    let asked = app.post("/graphql", Some(&key), &json!({ "query": "{ platforms { code } }" })).await;
    assert_eq!(asked.status, StatusCode::OK);
}
