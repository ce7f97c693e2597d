//! Idempotency keys of mutations: equal requests are executed once, on all servers, and get one response.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use entities::{idempotent_request, idempotent_result, rating};
use futures_util::future::join_all;
use registry::{api_client, model::Scope};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{
    harness::{Answer, TestApp, send_to},
    rating::three_bodies,
    statistics::{day, old_page},
};

const SUBMIT: &str = "mutation($rows: [StatisticsRowInput!]!) {
    statisticsSubmit(input: { rows: $rows }) { results { status } userErrors { code } seq }
}";
const PUBLISH: &str =
    "mutation { ratingPublish(input: { methodologyCode: \"open-regional-body-1\", period: { from: \"2026-02-01\", to: \"2026-02-28\" } }) {
    rating { publishedAt digest entries(first: 3) { nodes { rank score } } } userErrors { code }
} }";

/// A mutation with an idempotency key, by a client.
pub fn request(client: &str, key: &str, body: &Value) -> Request<Body> {
    Request::post("/graphql")
        .header("authorization", format!("Bearer {client}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()))
        .expect("a request")
}

/// A submission of subscribers of one page.
pub fn submission(subscribers: i64) -> Value {
    let page = json!({ "native": { "platformCode": "vk", "nativeId": "1" } });
    let rows = json!([{ "page": page, "day": day(1), "subscribers": subscribers }]);
    json!({ "query": SUBMIT, "variables": { "rows": rows } })
}

async fn send(app: &TestApp, client: &str, key: &str, body: &Value) -> Answer {
    app.send(request(client, key, body)).await
}

/// Whether a response was sent before.
pub fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == "true"
}

/// Outcome of the row of a submission.
pub fn outcome(answer: &Answer) -> String {
    answer.json()["data"]["statisticsSubmit"]["results"][0]["status"].as_str().unwrap_or_default().to_owned()
}

/// A page whose statistics are sent, and a client that sends them.
pub async fn a_page() -> (TestApp, String) {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let client = app.key("sender", Scope::Statistics).await;
    (app, client)
}

/// Changes the database behind the back of the servers.
pub async fn alter(app: &TestApp, sql: &str) {
    app.registry.database().read.execute_unprepared(sql).await.expect("the rows are altered");
}

/// Number of the requests whose keys are remembered.
pub async fn remembered(app: &TestApp) -> usize {
    idempotent_request::Entity::find().all(&app.registry.database().read).await.expect("rows").len()
}

#[tokio::test]
async fn of_fifty_equal_requests_to_two_servers_one_is_executed_and_all_get_its_response() {
    let app = three_bodies().await;
    let client = app.key("operator", Scope::Ratings).await;
    let servers: [Router; 2] = [app.router(), app.second().await];
    let body = json!({ "query": PUBLISH });
    let (client_key, body_ref) = (client.as_str(), &body);
    let requests = (0..50).map(|number| {
        let server = servers[number % 2].clone();
        async move {
            loop {
                // A busy machine takes longer than a request waits for another one.
                let answer = send_to(server.clone(), request(client_key, "one", body_ref)).await;
                if answer.status != StatusCode::CONFLICT {
                    break answer;
                }
            }
        }
    });
    let answers = join_all(requests).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{:#}", answer.json());
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.header("registry-seq"), answers[0].header("registry-seq"));
        assert_eq!(answer.header("content-type"), answers[0].header("content-type"));
    }
    assert_eq!(answers.iter().filter(|answer| !is_replayed(answer)).count(), 1);
    let published = answers[0].json()["data"]["ratingPublish"].take();
    assert_eq!(
        (&published["userErrors"], published["rating"].is_object()),
        (&json!([]), true),
        "{published}"
    );
    let ratings = rating::Entity::find().all(&app.registry.database().read).await.expect("ratings");
    assert_eq!(ratings.len(), 1);
    let without_key = app.post("/graphql", Some(&client), &body).await.json();
    assert_eq!(without_key["data"]["ratingPublish"]["userErrors"][0]["code"], "ALREADY_PUBLISHED");
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_first_response_on_every_server() {
    let (app, client) = a_page().await;
    let other = app.second().await;
    let first = send(&app, &client, "a", &submission(10)).await;
    assert_eq!((outcome(&first).as_str(), is_replayed(&first)), ("STORED", false), "{:#}", first.json());
    let seq = app.registry.snapshot().seq();
    for server in [app.router(), other] {
        let again = send_to(server, request(&client, "a", &submission(10))).await;
        assert!(is_replayed(&again));
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("registry-seq"), seq.to_string());
        assert!(!again.header("ratelimit").is_empty());
    }
    // The order of names in variables does not matter, and the value in quotes is another key.
    let page = json!({ "native": { "nativeId": "1", "platformCode": "vk" } });
    let reordered = json!([{ "subscribers": 10, "day": day(1), "page": page }]);
    let reordered = json!({ "variables": { "rows": reordered }, "query": SUBMIT });
    assert_eq!(send(&app, &client, "a", &reordered).await.body, first.body);
    assert_eq!(outcome(&send(&app, &client, "\"a\"", &submission(10)).await), "DUPLICATE");
}

#[tokio::test]
async fn another_request_with_a_used_key_is_refused_and_each_client_has_its_own_keys() {
    let (app, client) = a_page().await;
    assert_eq!(outcome(&send(&app, &client, "a", &submission(10)).await), "STORED");
    let renamed = submission(10).to_string().replace("{ status }", "{ status index }");
    for other in [submission(11), serde_json::from_str(&renamed).expect("JSON")] {
        let refused = send(&app, &client, "a", &other).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_MISMATCH".into())
        );
        assert!(!is_replayed(&refused));
    }
    let second = app.key("second", Scope::Statistics).await;
    assert_eq!(outcome(&send(&app, &second, "a", &submission(11)).await), "REPLACED");
    assert_eq!(outcome(&send(&app, &client, "b", &submission(11)).await), "DUPLICATE");
}

#[tokio::test]
async fn a_request_whose_server_was_killed_is_executed_again_and_writes_nothing() {
    let app = three_bodies().await;
    let scopes = vec![Scope::Statistics, Scope::Ratings];
    let client = api_client::create(&app.registry, "both", scopes, None).await.expect("a key").key;
    let row = "page: { native: { platformCode: \"vk\", nativeId: \"1\" } }, day: \"2026-02-12\", views: 7";
    let submit =
        format!("first: statisticsSubmit(input: {{ rows: [{{ {row} }}] }}) {{ results {{ status }} seq }}");
    let publish = PUBLISH.trim_start_matches("mutation { ").trim_end_matches('}');
    let body = json!({ "query": format!("mutation {{ {submit} second: {publish} }}") });
    let first = send(&app, &client, "a", &body).await;
    assert_eq!(first.json()["data"]["first"]["results"][0]["status"], "STORED", "{:#}", first.json());
    assert!(first.json()["data"]["second"]["rating"].is_object());
    let results = idempotent_result::Entity::find().all(&app.registry.database().read).await.expect("rows");
    let mut fields: Vec<_> = results.iter().map(|result| &*result.field).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["first", "second"]);
    let seq = app.registry.snapshot().seq();
    let interrupted = "UPDATE idempotent_request SET status = NULL, response = NULL, claimed_until = '2026-01-01T00:00:00+00:00'";
    for kill in ["DELETE FROM idempotent_request", interrupted] {
        alter(&app, kill).await;
        let again = send(&app, &client, "a", &body).await;
        assert!(!is_replayed(&again), "{kill}");
        assert_eq!(again.json()["data"], first.json()["data"], "{kill}");
        assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
        let replayed = send(&app, &client, "a", &body).await;
        assert!(is_replayed(&replayed));
        assert_eq!(replayed.body, again.body);
    }
}

#[tokio::test]
async fn a_request_is_in_progress_until_its_lease_ends() {
    let (app, client) = a_page().await;
    send(&app, &client, "a", &submission(10)).await;
    let executing = "UPDATE idempotent_request SET status = NULL, response = NULL, claimed_until = '2199-01-01T00:00:00+00:00'";
    alter(&app, executing).await;
    let waited = send(&app, &client, "a", &submission(10)).await;
    assert_eq!((waited.status, waited.code()), (StatusCode::CONFLICT, "IDEMPOTENCY_IN_PROGRESS".into()));
    assert_eq!(waited.header("retry-after"), "2");
    let other = send(&app, &client, "a", &submission(11)).await;
    assert_eq!(other.code(), "IDEMPOTENCY_MISMATCH", "not even then");
    alter(&app, "UPDATE idempotent_request SET claimed_until = '2026-01-01T00:00:00+00:00'").await;
    assert_eq!(send(&app, &client, "a", &submission(11)).await.code(), "IDEMPOTENCY_MISMATCH");
    assert_eq!(outcome(&send(&app, &client, "a", &submission(10)).await), "STORED");
}

#[tokio::test]
async fn a_client_that_disconnects_finds_its_response() {
    let (app, client) = a_page().await;
    for (number, patience) in [0, 1, 5, 20].into_iter().enumerate() {
        let (key, body) = (format!("key {number}"), submission(10 + number as i64));
        let sending = send(&app, &client, &key, &body);
        let _ = tokio::time::timeout(Duration::from_millis(patience), sending).await;
        let expected = if number == 0 { "STORED" } else { "REPLACED" };
        assert_eq!(outcome(&send(&app, &client, &key, &body).await), expected, "{patience} ms");
    }
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let (app, client) = a_page().await;
    assert_eq!(outcome(&send(&app, &client, "a", &submission(10)).await), "STORED");
    for table in ["idempotent_request", "idempotent_result"] {
        alter(&app, &format!("UPDATE {table} SET at = '2026-01-01T00:00:00+00:00'")).await;
    }
    let other = send(&app, &client, "a", &submission(11)).await;
    assert_eq!((outcome(&other).as_str(), is_replayed(&other)), ("REPLACED", false));
    assert!(is_replayed(&send(&app, &client, "a", &submission(11)).await));
    alter(&app, "UPDATE idempotent_request SET at = '2026-01-01T00:00:00+00:00'").await;
    let deleted = registry::idempotency::requests::delete_expired(app.registry.database()).await;
    deleted.expect("expired keys are deleted");
    assert_eq!(remembered(&app).await, 0);
}
