//! Large look-ups of routers: many representations of all types in one request, and their compressed response.

use std::io::Read;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{
    federation::answered,
    harness::{Answer, GATEWAY_SECRET, TestApp},
};

/// Entities of all types, each with one of its keys as `key`.
const KEYS: &str = "query($of: [_Any!]!) { _entities(representations: $of) {
    __typename
    ... on Authority { key: code } ... on Institution { key: code }
    ... on Platform { key: code } ... on Territory { key: code }
    ... on Page { handle nativeId } ... on PlatformAccount { account: nativeId verdict }
} }";

/// Representations of all types by all kinds of keys, known, unknown and invalid, each with its entity and whether it is an error.
fn mixed(number: usize) -> [(Value, Value, bool); 10] {
    let id = (number % 7 + 1).to_string();
    let handle = format!("school_{}", number % 7 + 1);
    let school = json!({ "__typename": "Institution", "key": "school-1" });
    let account = json!({ "__typename": "PlatformAccount", "account": format!("4{number}"), "verdict": "NOT_REGISTERED" });
    [
        (
            json!({ "__typename": "Page", "platformCode": "vk", "nativeId": id }),
            json!({ "__typename": "Page", "handle": null, "nativeId": id }),
            false,
        ),
        (
            json!({ "__typename": "Page", "platformCode": "vk", "handle": handle }),
            json!({ "__typename": "Page", "handle": handle, "nativeId": null }),
            false,
        ),
        (json!({ "__typename": "Organization", "code": "school-1" }), school.clone(), false),
        (json!({ "__typename": "Institution", "code": "school-1" }), school, false),
        (json!({ "__typename": "Authority", "code": "school-1" }), Value::Null, false),
        (
            json!({ "__typename": "Platform", "code": "vk" }),
            json!({ "__typename": "Platform", "key": "vk" }),
            false,
        ),
        (
            json!({ "__typename": "Territory", "code": "ru-28" }),
            json!({ "__typename": "Territory", "key": "ru-28" }),
            false,
        ),
        (
            json!({ "__typename": "PlatformAccount", "platformCode": "vk", "nativeId": format!("4{number}") }),
            account,
            false,
        ),
        (json!({ "__typename": "Page", "platformCode": "vk", "handle": "nobody" }), Value::Null, false),
        (json!({ "__typename": "Page", "platformCode": "vk", "handle": number }), Value::Null, true),
    ]
}

async fn with_pages() -> TestApp {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for number in 1..=7 {
        app.page(school, "vk", &number.to_string()).await;
        app.page(school, "vk", &format!("school_{number}")).await;
    }
    app
}

#[tokio::test]
async fn a_thousand_representations_of_all_types_are_each_answered_for_themselves() {
    let app = with_pages().await;
    let cases: Vec<_> = (0..100).flat_map(mixed).collect();
    let of: Vec<_> = cases.iter().map(|(representation, ..)| representation).collect();
    assert_eq!(of.len(), 1_000);
    let answer = answered(&app, KEYS, json!({ "of": of })).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    let entities = answer["data"]["_entities"].as_array().expect("entities");
    assert_eq!(entities.len(), cases.len());
    for (entity, (representation, expected, _)) in entities.iter().zip(&cases) {
        assert_eq!(entity, expected, "{representation}");
    }
    let failed = cases.iter().enumerate().filter(|(_, (.., is_error))| *is_error);
    let paths: Vec<_> = failed.map(|(index, _)| json!(["_entities", index])).collect();
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors.iter().map(|error| error["path"].clone()).collect::<Vec<_>>(), paths);
}

/// Asks for so many platforms, as a router that accepts an encoding.
async fn platforms(app: &TestApp, count: usize, encoding: &str) -> Answer {
    let of = vec![json!({ "__typename": "Platform", "code": "vk" }); count];
    let request = Request::post("/subgraph")
        .header("authorization", format!("Bearer {GATEWAY_SECRET}"))
        .header("content-type", "application/json")
        .header("accept-encoding", encoding);
    let body = json!({ "query": KEYS, "variables": { "of": of } }).to_string();
    app.send(request.body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn a_large_response_to_a_router_is_compressed_as_it_accepts_and_a_short_one_is_not() {
    let app = TestApp::start().await;
    let plain = platforms(&app, 1_000, "identity").await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = platforms(&app, 1_000, "gzip").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (StatusCode::OK, "gzip"));
    assert!(packed.body.len() < plain.body.len() / 4, "{} bytes", packed.body.len());
    let mut text = Vec::new();
    GzDecoder::new(&*packed.body).read_to_end(&mut text).expect("gzip");
    let data = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON")["data"].take();
    assert_eq!(data(&text), data(&plain.body));
    assert_eq!(platforms(&app, 1, "gzip").await.header("content-encoding"), "");
}
