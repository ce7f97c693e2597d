//! Several keys of a client: expiry, revocation of one of them, and last use.

use std::time::Duration;

use api::{config::settings::Settings, server::Connections};
use axum::http::StatusCode;
use chrono::{SubsecRound, TimeDelta, Utc};
use registry::{
    api_client::{self, ClientReference, KeyTerms, NewLimits},
    author::Author,
    change_log::{Verdict, verify},
    idempotency::WriteRequest,
    model::Scope,
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::{
    Answer, TestApp,
    behind::intruder,
    program,
    served::serve,
    socket::{Received, Socket},
};

fn ask() -> Value {
    json!({ "query": "{ viewer { name key { prefix label } keys { prefix label revokedAt expiresAt } } }" })
}

async fn post(app: &TestApp, key: &str) -> Answer {
    app.post("/graphql", Some(key), &ask()).await
}

/// Another key of a client.
async fn add(app: &TestApp, name: &str, terms: KeyTerms) -> (i64, String) {
    let (request, client) = (WriteRequest::new(Author::operator()), ClientReference::Name(name.to_owned()));
    let created = api_client::create_key(&app.registry, request, client, terms).await;
    let created = created.expect("an outcome").expect("a key");
    (created.written.result.key_id.expect("an id"), created.key.expect("a key"))
}

fn labelled(label: &str) -> KeyTerms {
    KeyTerms { label: Some(label.to_owned()), ..KeyTerms::default() }
}

fn expiring(seconds: i64) -> KeyTerms {
    // Whole seconds are stored.
    let expires_at = (Utc::now() + TimeDelta::seconds(seconds)).trunc_subsecs(0);
    KeyTerms { expires_at: Some(expires_at), ..KeyTerms::default() }
}

#[tokio::test]
async fn one_key_replaces_another_without_a_rejected_request() {
    let app = TestApp::start().await;
    let old = app.key("partner", Scope::Read).await;
    let (_, new) = add(&app, "partner", labelled("new server")).await;
    for (key, label) in [(&old, Value::Null), (&new, json!("new server"))] {
        let viewer = post(&app, key).await.json()["data"]["viewer"].take();
        assert_eq!(viewer["key"], json!({ "prefix": key[..8], "label": label }), "{viewer}");
        assert_eq!(viewer["keys"].as_array().map(Vec::len), Some(2));
    }
    let first = app.registry.snapshot().client_by_name("partner").expect("the client").keys[0].id;
    for _ in 0..2 {
        let revoked = api_client::revoke_key(&app.registry, WriteRequest::new(Author::operator()), first);
        revoked.await.expect("an outcome").expect("it is revoked");
    }
    assert_eq!(post(&app, &old).await.status, StatusCode::UNAUTHORIZED);
    let viewer = post(&app, &new).await.json()["data"]["viewer"].take();
    assert!(viewer["keys"][0]["revokedAt"].is_string() && viewer["keys"][1]["revokedAt"].is_null());
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })));
    api_client::revoke(&app.registry, "partner").await.expect("the client is revoked");
    assert_eq!(post(&app, &new).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_expired_key_is_refused_everywhere_with_its_day() {
    let app = TestApp::start().await;
    app.key("partner", Scope::Statistics).await;
    let (_, key) = add(&app, "partner", expiring(6)).await;
    assert_eq!(post(&app, &key).await.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(6_100)).await;
    let refused = post(&app, &key).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".into()));
    let message = refused.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert!(
        message.starts_with("The key expired on 2") && message.contains(" UTC; ask the operator"),
        "{message}"
    );
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(app.get("/export/pages.csv", &headers).await.status, StatusCode::UNAUTHORIZED);
    let upload = app.post_with("/statistics", &headers, &json!({})).await;
    assert_eq!(upload.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_that_expires_ends_what_its_client_follows() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let key = app.key_with("follower", &[Scope::Read], NewLimits::default(), expiring(10)).await;
    let mut socket = Socket::begin(&served, &key).await;
    socket.subscribe("a", "subscription { changes { nodes { kind } } }", json!({})).await;
    let Received::Message(message) = socket.receive().await else { panic!("a message") };
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("a")));
    assert_eq!(message["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");
    // The WebSocket is still open, and its key begins nothing.
    socket.subscribe("b", "subscription { changes { nodes { kind } } }", json!({})).await;
    assert_eq!(socket.error("b").await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_server_that_is_behind_the_log_asks_the_database_for_each_key() {
    let app = TestApp::start_with(Settings { max_lag: Duration::ZERO, ..Settings::default() }).await;
    let first = app.key("partner", Scope::Read).await;
    let (second_id, second) = add(&app, "partner", KeyTerms::default()).await;
    for key in [&first, &second] {
        assert_eq!(post(&app, key).await.status, StatusCode::OK);
    }
    let revoke = format!("UPDATE client_key SET revoked_at = created_at WHERE id = {second_id}");
    app.registry.database().read.execute_unprepared(&revoke).await.expect("the change behind the back");
    assert_eq!(post(&app, &first).await.status, StatusCode::OK);
    assert_eq!(post(&app, &second).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_has_ten_valid_keys_and_a_hundred_in_all() {
    let app = TestApp::start().await;
    app.key("partner", Scope::Read).await;
    for _ in 0..9 {
        add(&app, "partner", KeyTerms::default()).await;
    }
    let more = || {
        let client = ClientReference::Name("partner".to_owned());
        let request = WriteRequest::new(Author::operator());
        api_client::create_key(&app.registry, request, client, KeyTerms::default())
    };
    let refused = more().await.expect("an outcome").err().expect("it is refused");
    assert_eq!(refused.code, api_client::ClientErrorCode::TooManyKeys);
    for _ in 0..95 {
        let client = app.registry.snapshot().client_by_name("partner").expect("the client").clone();
        let valid = client.keys.iter().find(|key| key.is_valid_at(Utc::now())).expect("a valid key").id;
        let revoked = api_client::revoke_key(&app.registry, WriteRequest::new(Author::operator()), valid);
        revoked.await.expect("an outcome").expect("it is revoked");
        more().await.expect("an outcome").expect("a key");
    }
    let client = app.registry.snapshot().client_by_name("partner").expect("the client").clone();
    assert_eq!((client.keys.len(), client.keys[0].id > 1), (100, true), "the oldest ones are gone");
}

#[tokio::test]
async fn the_day_of_a_last_use_is_written_once_and_never_goes_back() {
    let app = TestApp::start().await;
    let key = app.key("admin", Scope::Clients).await;
    let last_used = async || {
        app.app.key_use().write(app.registry.database()).await.expect("it is written");
        let query = "{ clients { nodes { lastUsedOn keys { lastUsedOn } } } }";
        let mut answer = app.post("/graphql", Some(&key), &json!({ "query": query })).await.json();
        answer["data"]["clients"]["nodes"][0].take()
    };
    let none = json!({ "lastUsedOn": null, "keys": [{ "lastUsedOn": null }] });
    assert_eq!(last_used().await, none, "it is written in the background");
    let today = app.registry.snapshot().time_zone().today().to_string();
    let now = json!({ "lastUsedOn": today, "keys": [{ "lastUsedOn": today }] });
    assert_eq!(last_used().await, now);
    let later = "UPDATE client_key_use SET last_used_on = '9999-01-01'";
    intruder(&app).await.execute_unprepared(later).await.expect("another server, whose day has begun");
    let key_id = app.registry.snapshot().client_by_name("admin").expect("the client").keys[0].id;
    let used = api_client::KeyUse::default();
    used.note(key_id, app.registry.snapshot().time_zone().today());
    used.write(app.registry.database()).await.expect("it is written");
    let known = api_client::last_used(app.registry.database(), &[key_id]).await.expect("an answer");
    assert_eq!(known[&key_id].to_string(), "9999-01-01");
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })), "it is not in the log");
}

#[tokio::test]
async fn a_key_that_was_altered_behind_the_log_is_sealed_by_no_change_and_found_by_the_check() {
    let mut app = TestApp::start().await;
    app.key("partner", Scope::Read).await;
    let alter = "UPDATE client_key SET expires_at = '2100-01-01T00:00:00+00:00'";
    intruder(&app).await.execute_unprepared(alter).await.expect("the change behind the back");
    app.restart().await;
    let verdict = verify(&app.registry, |_| {}).await.expect("a verdict");
    assert_eq!(verdict, Verdict::Differs { subject: "Client 1".into() });
    let error = api_client::revoke(&app.registry, "partner").await.expect_err("it is refused").to_string();
    assert!(error.starts_with("Client 1 differs from its state in the change log"), "{error}");
}

#[tokio::test]
async fn keys_are_managed_from_the_command_line() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let directory = TempDir::new().expect("a directory");
    let run = |arguments: &[&str]| {
        let output = program::run(&app.database.url, directory.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let error =
        |arguments: &[&str]| program::error(&program::run(&app.database.url, directory.path(), arguments));
    let scopes = "registry:read,pages:review";
    run(&["keys", "create", "--name", "city", "--scope", scopes, "--organization", "city", "--label", "one"]);
    run(&["keys", "add", "city", "--expires-in", "20d", "--label", "two", "--reason", "Rotation."]);
    let listed = run(&["keys", "list"]);
    assert!(listed.contains("city\tregistry:read,pages:review\t1 reg_"), "{listed}");
    assert!(listed.contains(" one\tsince ") && listed.contains("\tnever\torganization city\n"), "{listed}");
    assert!(listed.contains("1 key expires within 30 days; `registry keys add NAME`"), "{listed}");
    run(&["keys", "revoke", "city", "--key", "1"]);
    assert!(run(&["keys", "list"]).contains(" one\trevoked "));
    run(&[
        "keys",
        "edit",
        "city",
        "--scope",
        "pages:review",
        "--territory",
        "ru-28",
        "--without",
        "organization",
    ]);
    let listed = run(&["keys", "list"]);
    assert!(listed.contains("city\tpages:review\t") && listed.contains("\tterritory ru-28\n"), "{listed}");
    for (arguments, expected) in [
        (&["keys", "add", "nobody"][..], "There is no client `nobody`"),
        (&["keys", "add", "city", "--expires", "2020-01-31"][..], "in the past"),
        (&["keys", "add", "city", "--reason", " "][..], "1 to 500 characters"),
        (&["keys", "revoke", "city", "--key", "77"][..], "has no key 77"),
        (&["keys", "edit", "city"][..], "nothing is to be changed"),
        (&["keys", "edit", "city", "--territory", "nowhere"][..], "There is no territory `nowhere`"),
        (
            &["keys", "create", "--name", "x", "--scope", "review", "--organization", "none"][..],
            "no such organization",
        ),
    ] {
        let message = error(arguments);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
}
