//! Federation subgraph: entity look-ups by every key, for routers only.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::{Answer, GATEWAY_SECRET, TestApp};

/// Entities of each type, with their keys.
pub const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) {
    __typename
    ... on Page { id url } ... on Institution { id code } ... on Authority { id code }
    ... on Platform { id code } ... on Territory { id code }
} }";

/// Asks as a router.
pub async fn answered(app: &TestApp, query: &str, variables: Value) -> Answer {
    app.post("/subgraph", Some(GATEWAY_SECRET), &json!({ "query": query, "variables": variables })).await
}

/// The same, as JSON.
pub async fn subgraph(app: &TestApp, query: &str, variables: Value) -> Value {
    answered(app, query, variables).await.json()
}

#[tokio::test]
async fn entities_are_found_by_every_key_and_unknown_ones_are_null() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    app.page(school, "vk", "77").await;
    let ids = app.data(r#"{ pages { nodes { id } } institutions { nodes { id } } platform(code: "vk") { id } territory(code: "ru-28") { id } }"#, json!({})).await;
    let of = json!([
        { "__typename": "Page", "id": ids["pages"]["nodes"][0]["id"] },
        { "__typename": "Page", "platformCode": "vk", "nativeId": "77" },
        { "__typename": "Institution", "id": ids["institutions"]["nodes"][0]["id"] },
        { "__typename": "Institution", "code": "school-1" },
        { "__typename": "Platform", "id": ids["platform"]["id"] },
        { "__typename": "Platform", "code": "vk" },
        { "__typename": "Territory", "id": ids["territory"]["id"] },
        { "__typename": "Territory", "code": "ru-28" },
        { "__typename": "Page", "platformCode": "vk", "nativeId": "78" },
        { "__typename": "Page", "platformCode": "nowhere", "nativeId": "77" },
        { "__typename": "Page", "id": "nonsense" },
        { "__typename": "Authority", "code": "school-1" },
    ]);
    let answer = subgraph(&app, ENTITIES, json!({ "of": of })).await;
    assert!(answer.get("errors").is_none(), "an unknown key is no error: {answer:#}");
    insta::assert_json_snapshot!("entities", json!({ "data": answer["data"] }));
}

#[tokio::test]
async fn a_thousand_entities_are_the_most_in_one_request() {
    let app = TestApp::start().await;
    let many = |count: usize| json!({ "of": vec![json!({ "__typename": "Platform", "code": "vk" }); count] });
    let answer = subgraph(&app, ENTITIES, many(1_000)).await;
    assert_eq!(answer["data"]["_entities"].as_array().map(Vec::len), Some(1_000));
    let rejected = subgraph(&app, ENTITIES, many(1_001)).await;
    assert_eq!(rejected["errors"][0]["extensions"]["code"], "REPRESENTATIONS_LIMIT");
    let inline = r#"{__typename:"Platform",code:"vk"},"#.repeat(1_001);
    let rejected =
        subgraph(&app, &format!("{{ _entities(representations: [{inline}]) {{ __typename }} }}"), json!({}))
            .await;
    assert_eq!(rejected["errors"][0]["extensions"]["code"], "REPRESENTATIONS_LIMIT");
}

#[tokio::test]
async fn entities_cost_what_is_asked_of_each() {
    let app = TestApp::start().await;
    let cost = async |count: usize| {
        let of = json!({ "of": vec![json!({ "__typename": "Platform", "code": "vk" }); count] });
        subgraph(&app, ENTITIES, of).await["extensions"]["cost"].take()
    };
    // Each object counts with the fields of one of its possible types: three values.
    assert_eq!(cost(100).await, json!({ "requested": 35, "actual": 35 }));
    let inline = r#"{__typename:"Platform",code:"vk"},"#.repeat(100);
    let query = format!("{{ _entities(representations: [{inline}]) {{ __typename }} }}");
    assert_eq!(subgraph(&app, &query, json!({})).await["extensions"]["cost"]["requested"], 25);
}

#[tokio::test]
async fn routers_read_the_schema_and_nobody_else_does() {
    let app = TestApp::start().await;
    let ask = json!({ "query": "{ _service { sdl } }" });
    let sdl =
        app.post("/subgraph", Some(GATEWAY_SECRET), &ask).await.json()["data"]["_service"]["sdl"].take();
    let sdl = sdl.as_str().expect("the schema");
    for printed in [
        r#"type Page implements Node @key(fields: "id") @key(fields: "platformCode nativeId")"#,
        r#"type PlatformAccount @key(fields: "platformCode nativeId")"#,
        r#"interface Organization implements Node @key(fields: "id") @key(fields: "code") {"#,
    ] {
        assert!(sdl.contains(printed), "{sdl}");
    }
    assert!(!sdl.contains("_entities") && !sdl.contains("_Entity"), "routers add them: {sdl}");
    for wrong in [None, Some("guess")] {
        assert_eq!(app.post("/subgraph", wrong, &ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let outside = app.post("/public/graphql", None, &ask).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY, "{:#}", outside.json());
    let outside = app.ask(ENTITIES, json!({ "of": [] })).await;
    assert!(outside.get("errors").is_some());
}
