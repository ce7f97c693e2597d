//! What is no response to send again, and the limits of idempotency keys.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use registry::{api_client, idempotency::requests::delete_expired, model::Scope};
use sea_orm::DbBackend;
use serde_json::{Value, json};

use super::{
    harness::{TestApp, send_to},
    idempotency::{a_page, alter, is_replayed, outcome, remembered, request, submission},
    statistics::day,
};

#[tokio::test]
async fn what_was_not_executed_leaves_the_key_free() {
    let (app, client) = a_page().await;
    let publish = "mutation { ratingPublish(input: { methodologyCode: \"m\", period: { from: \"2026-02-01\", to: \"2026-02-28\" } }) { userErrors { code } } }";
    for (query, code) in [
        (publish, "FORBIDDEN"),
        ("mutation { statisticsSubmit(input: { rows: [] }) { unknown } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { statisticsSubmit(input: {", "GRAPHQL_PARSE_FAILED"),
    ] {
        let refused = app.send(request(&client, "a", &json!({ "query": query }))).await;
        assert_eq!(refused.code(), code, "{:#}", refused.json());
        assert_eq!(remembered(&app).await, 0, "{query}");
    }
    assert_eq!(outcome(&app.send(request(&client, "a", &submission(10))).await), "STORED");
    // Refused input is an answer.
    let refused =
        json!({ "query": "mutation { statisticsSubmit(input: { rows: [] }) { userErrors { code } } }" });
    for is_again in [false, true] {
        let answer = app.send(request(&client, "b", &refused)).await;
        assert_eq!(answer.json()["data"]["statisticsSubmit"]["userErrors"][0]["code"], "NO_ROWS");
        assert_eq!(is_replayed(&answer), is_again);
    }
}

#[tokio::test]
async fn a_key_is_valid_or_the_mutation_is_not_executed_and_queries_need_none() {
    let (app, client) = a_page().await;
    let with_keys = |keys: &[&str], body: &Value| {
        let mut request = Request::post("/graphql")
            .header("authorization", format!("Bearer {client}"))
            .header("content-type", "application/json");
        for key in keys {
            request = request.header("idempotency-key", key.as_bytes());
        }
        request.body(Body::from(body.to_string())).expect("a request")
    };
    let (longest, longer) = ("k".repeat(255), "k".repeat(256));
    for keys in [vec![""], vec![longer.as_str()], vec!["ключ"], vec!["a", "a"]] {
        let refused = app.send(with_keys(&keys, &submission(10))).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
        let query = app.send(with_keys(&keys, &json!({ "query": "{ platforms { code } }" }))).await;
        assert_eq!(query.status, StatusCode::OK);
    }
    assert_eq!(outcome(&app.send(with_keys(&[longest.as_str()], &submission(10))).await), "STORED");
    let query = json!({ "query": "{ platforms { code } }" });
    for _ in 0..2 {
        assert!(!is_replayed(&app.send(request(&client, "q", &query)).await));
    }
    assert_eq!(remembered(&app).await, 1, "of the mutation");
}

#[tokio::test]
async fn a_revoked_key_gets_no_response_of_the_past() {
    let (app, client) = a_page().await;
    // It does not follow the log.
    let other = app.second().await;
    assert_eq!(outcome(&app.send(request(&client, "a", &submission(10))).await), "STORED");
    api_client::revoke(&app.registry, "sender").await.expect("the key is revoked");
    for server in [app.router(), other] {
        let refused = send_to(server, request(&client, "a", &submission(10))).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".into()));
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_is_made_again_of_the_results() {
    let (app, client) = a_page().await;
    let page = |id: usize| json!({ "native": { "platformCode": "vk", "nativeId": id.to_string() } });
    let rows: Vec<_> =
        (1..=1_000).map(|id| json!({ "page": page(id), "day": day(1), "subscribers": 5 })).collect();
    let fields: String = (0..6).map(|number| format!("{}{number}: status ", "x".repeat(220))).collect();
    let query = format!(
        "mutation($rows: [StatisticsRowInput!]!) {{ statisticsSubmit(input: {{ rows: $rows }}) {{ results {{ {fields} }} seq }} }}"
    );
    let body = json!({ "query": query, "variables": { "rows": rows } });
    let first = app.send(request(&client, "a", &body)).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(first.body.len() > 1 << 20 && first.json()["errors"].is_null(), "{}", first.body.len());
    let seq = app.registry.snapshot().seq();
    let again = app.send(request(&client, "a", &body)).await;
    assert!(!is_replayed(&again) && again.body == first.body);
    assert_eq!((app.registry.snapshot().seq(), remembered(&app).await), (seq, 0));
    let other = app.send(request(&client, "a", &submission(10))).await;
    assert_eq!(other.code(), "IDEMPOTENCY_MISMATCH", "its results are known by the key");
}

/// Inserts the keys of so many requests of a client.
async fn insert_keys(app: &TestApp, client_id: i64, count: usize) {
    let now = chrono::Utc::now().to_rfc3339();
    let (hash, now) = match app.registry.database().backend() {
        DbBackend::Postgres => ("'\\x00'::bytea", format!("'{now}'::timestamptz")),
        _ => ("x'00'", format!("'{now}'")),
    };
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO idempotent_request (client_id, key, request_hash, claim, claimed_until, at) \
         SELECT {client_id}, 'k' || i, {hash}, 0, {now}, {now} FROM n"
    );
    alter(app, &sql).await;
}

#[tokio::test]
async fn a_client_has_a_bounded_number_of_keys() {
    let (app, client) = a_page().await;
    let id = app.registry.snapshot().client_by_name("sender").map(|client| client.id).expect("the client");
    insert_keys(&app, id, 100_000).await;
    let refused = app.send(request(&client, "a", &submission(10))).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED".into()));
    assert_eq!(refused.header("retry-after"), "60");
    let second = app.key("second", Scope::Statistics).await;
    assert_eq!(outcome(&app.send(request(&second, "a", &submission(10))).await), "STORED");
    alter(
        &app,
        &format!("UPDATE idempotent_request SET at = '2026-01-01T00:00:00+00:00' WHERE client_id = {id}"),
    )
    .await;
    delete_expired(app.registry.database()).await.expect("expired keys are deleted");
    assert_eq!(remembered(&app).await, 1);
}
