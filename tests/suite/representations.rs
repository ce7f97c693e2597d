//! Representations of entities: each is answered on its own.

use std::sync::atomic::Ordering;

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::http::StatusCode;
use registry::{global_id, model::Scope};
use serde_json::{Value, json};

use super::{
    federation::{ENTITIES, answered, subgraph},
    global_ids::change_kind,
    harness::TestApp,
    statistics::{day, old_page, statuses, submit},
};

/// Representations that are none: no object, no type of entities, no complete key.
fn invalid() -> Vec<Value> {
    vec![
        json!({ "__typename": "Page", "id": null }),
        json!({ "__typename": "Page", "platformCode": "vk", "nativeId": null }),
        json!({ "__typename": "Page", "platformCode": "vk" }),
        json!({ "__typename": "Page", "platformCode": 1, "nativeId": "77" }),
        json!({ "__typename": "Page", "platformCode": "vk", "nativeId": 1.5 }),
        json!({ "__typename": "PlatformAccount", "nativeId": "77" }),
        json!({ "__typename": "PlatformAccount", "platformCode": "vk", "nativeId": true }),
        json!({ "__typename": "Organization", "id": null }),
        json!({ "__typename": "Platform" }),
        json!({ "__typename": "Platform", "code": 7 }),
        json!({ "__typename": "Platform", "code": ["vk"] }),
        json!({ "__typename": "Platform", "id": { "code": "vk" } }),
        json!({ "__typename": "Platform", "nativeId": "vk" }),
        json!({ "__typename": "Nothing", "id": "x" }),
        json!({ "__typename": "Query", "id": "x" }),
        json!({ "__typename": null, "code": "vk" }),
        json!({ "code": "vk" }),
        json!({}),
        json!("Platform"),
        json!(7),
        json!(false),
        Value::Null,
        json!([{ "__typename": "Platform", "code": "vk" }]),
    ]
}

#[tokio::test]
async fn an_invalid_representation_is_null_with_an_error_and_all_others_are_answered() {
    let app = TestApp::start().await;
    let good = json!({ "__typename": "Platform", "code": "vk" });
    let of: Vec<Value> = invalid().into_iter().flat_map(|it| [good.clone(), it]).collect();
    // First validated, then known as valid.
    for _ in 0..2 {
        let answer = answered(&app, ENTITIES, json!({ "of": of })).await;
        assert_eq!(answer.status, StatusCode::OK);
        let answer = answer.json();
        let entities = answer["data"]["_entities"].as_array().expect("entities");
        assert_eq!(entities.len(), of.len());
        for (index, entity) in entities.iter().enumerate() {
            let code = if index % 2 == 0 { json!("vk") } else { Value::Null };
            assert_eq!(entity["code"], code, "{}", of[index]);
            assert_eq!(entity.is_null(), index % 2 == 1, "{}", of[index]);
        }
        let errors = answer["errors"].as_array().expect("errors");
        let paths: Vec<_> = errors.iter().map(|error| error["path"].clone()).collect();
        let odd = (0..of.len()).filter(|index| index % 2 == 1);
        assert_eq!(paths, odd.map(|index| json!(["_entities", index])).collect::<Vec<_>>());
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "BAD_USER_INPUT"), "{answer:#}");
    }
    let inline = r#"{ a: _entities(representations: [{ __typename: "Platform", code: "vk" }, { __typename: "X" }]) {
        ... on Platform { code } } }"#;
    let answer = subgraph(&app, inline, json!({})).await;
    assert_eq!(answer["data"], json!({ "a": [{ "code": "vk" }, null] }));
    assert_eq!(answer["errors"][0]["path"], json!(["a", 1]));
}

#[tokio::test]
async fn a_literal_that_is_no_representation_leaves_the_others() {
    let app = TestApp::start().await;
    let known = "{ __typename: \"Platform\", code: \"vk\" }";
    let wrong =
        "null, 7, 1.5, \"Platform\", true, X, [], [null], {}, { __typename: \"Platform\", code: null }";
    let wrong_items = 10;
    let list = format!("[null, {known}, {wrong}, {known}]");
    let below = "{ ... on Platform { code } }";
    for query in [
        format!("{{ _entities(representations: {list}) {below} }}"),
        format!(
            "{{ ... on Query {{ ...F }} }} fragment F on Query {{ ... {{ _entities(representations: {list}) {below} }} }}"
        ),
        format!("query($of: [_Any!]! = {list}) {{ _entities(representations: $of) {below} }}"),
    ] {
        for _ in 0..2 {
            let answer = subgraph(&app, &query, json!({})).await;
            let (none, vk) = (Value::Null, json!({ "code": "vk" }));
            let mut expected = vec![none.clone(), vk.clone()];
            expected.extend(vec![none; wrong_items]);
            expected.push(vk);
            assert_eq!(answer["data"]["_entities"], json!(expected), "{query}: {answer:#}");
            let errors = answer["errors"].as_array().expect("errors");
            let paths: Vec<_> = errors.iter().map(|error| error["path"].clone()).collect();
            let failed = std::iter::once(0).chain(2..2 + wrong_items);
            assert_eq!(paths, failed.map(|index| json!(["_entities", index])).collect::<Vec<_>>());
        }
    }
    // The list itself must not be null, nor a variable that is a representation.
    let of_one = "query($one: _Any!) { _entities(representations: [$one]) { __typename } }";
    for query in [ENTITIES, "{ _entities(representations: null) { __typename } }", of_one] {
        let answer = subgraph(&app, query, json!({ "of": null, "one": null })).await;
        assert!(answer["data"].is_null() && answer["errors"].is_array(), "{query}: {answer:#}");
    }
}

#[tokio::test]
async fn an_error_within_an_entity_has_its_path_and_leaves_the_others() {
    let app = TestApp::start().await;
    app.organization("school-1", "School No. 1").await;
    let query = "query($of: [_Any!]!) { _entities(representations: $of) {
        ... on Institution { code pages(first: 0) { totalCount } } ... on Platform { code }
    } }";
    let of = json!([
        { "__typename": "Platform", "code": "vk" },
        { "__typename": "Institution", "code": "school-1" },
        { "__typename": "Platform", "code": "ok" },
    ]);
    let answer = subgraph(&app, query, json!({ "of": of })).await;
    assert_eq!(answer["data"]["_entities"], json!([{ "code": "vk" }, null, { "code": "ok" }]));
    assert_eq!(answer["errors"][0]["path"], json!(["_entities", 1, "pages"]), "{answer:#}");
}

#[tokio::test]
async fn an_organization_is_found_as_one_of_either_type_and_as_one_of_its_type() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let id = global_id::encode("Organization", school);
    let platform = app.data("{ platform(code: \"vk\") { id } }", json!({})).await["platform"]["id"].take();
    let query = "query($of: [_Any!]!) { _entities(representations: $of) {
        __typename ... on Organization { id code kind } } }";
    for (typename, former) in [("Institution", "Authority"), ("Authority", "Institution")] {
        let of = json!([
            { "__typename": "Organization", "id": id },
            { "__typename": "Organization", "code": "school" },
            { "__typename": typename, "id": id },
            { "__typename": former, "id": id },
            { "__typename": former, "code": "school" },
            { "__typename": "Organization", "id": platform },
            { "__typename": "Organization", "code": "vk" },
        ]);
        let kind = typename.to_uppercase();
        let found = json!({ "__typename": typename, "id": id, "code": "school", "kind": kind });
        let answer = subgraph(&app, query, json!({ "of": of })).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let none = Value::Null;
        assert_eq!(answer["data"]["_entities"], json!([found, found, found, none, none, none, none]));
        app.change_organization(school, change_kind).await;
    }
}

#[tokio::test]
async fn native_ids_are_numbers_or_texts() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "310000001").await;
    for id in [json!(310_000_001), json!("310000001")] {
        let inline = format!("{{ pageByNativeId(platformCode: \"vk\", nativeId: {id}) {{ nativeId }} }}");
        let with_variable =
            "query($id: ID!) { pageByNativeId(platformCode: \"vk\", nativeId: $id) { nativeId } }";
        for query in [&*inline, with_variable] {
            let variables = if query == inline { json!({}) } else { json!({ "id": id }) };
            let page = app.data(query, variables).await;
            assert_eq!(page["pageByNativeId"], json!({ "nativeId": "310000001" }), "{query}");
        }
        let of = json!([
            { "__typename": "Page", "platformCode": "vk", "nativeId": id },
            { "__typename": "PlatformAccount", "platformCode": "vk", "nativeId": id },
        ]);
        let query = "query($of: [_Any!]!) { _entities(representations: $of) {
            ... on Page { nativeId } ... on PlatformAccount { accountId: nativeId }
        } }";
        let answer = subgraph(&app, query, json!({ "of": of })).await;
        let known = json!([{ "nativeId": "310000001" }, { "accountId": "310000001" }]);
        assert_eq!(answer["data"]["_entities"], known, "{answer:#}");
    }
    let key = app.key("all", Scope::Statistics).await;
    let row = |id: Value, ago| json!({ "page": { "native": { "platformCode": "vk", "nativeId": id } }, "day": day(ago), "subscribers": 5 });
    let rows = json!([row(json!(310_000_001), 1), row(json!("310000001"), 2)]);
    assert_eq!(statuses(&submit(&app, &key, rows).await), ["STORED", "STORED"]);
    // A global id is a text, but a number is of the type `ID`: it is unknown.
    let answer = subgraph(&app, ENTITIES, json!({ "of": [{ "__typename": "Page", "id": 5 }] })).await;
    assert_eq!(answer["data"], json!({ "_entities": [null] }));
    assert!(answer.get("errors").is_none(), "{answer:#}");
}

/// Five representations: a page by its id as a number and as a text, an unknown page, and two that are invalid; each with the
/// subscribers that are expected.
fn mixed(number: usize) -> [(Value, Value); 5] {
    let page = number % 20 + 1;
    let of_id = |id: Value| json!({ "__typename": "Page", "platformCode": "vk", "nativeId": id });
    [
        (of_id(json!(page)), json!(page)),
        (of_id(json!(page.to_string())), json!(page)),
        (of_id(json!("404")), Value::Null),
        (of_id(Value::Null), Value::Null),
        (json!(number), Value::Null),
    ]
}

#[tokio::test]
async fn a_thousand_mixed_representations_take_few_statements() {
    let public = Limits { cost: 5_000, points: u64::MAX, ..Limits::public() };
    let client_tiers = ClientTiers { public, ..ClientTiers::default() };
    let app = TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await;
    let key = app.key("all", Scope::Statistics).await;
    let school = app.organization("school-1", "School No. 1").await;
    let mut rows = Vec::new();
    for number in 1..=20 {
        old_page(&app, school, "vk", &number.to_string()).await;
        rows.push(json!({ "page": { "native": { "platformCode": "vk", "nativeId": number } }, "day": day(1), "subscribers": number }));
    }
    submit(&app, &key, json!(rows)).await;
    let (of, expected): (Vec<Value>, Vec<Value>) = (0..200).flat_map(mixed).unzip();
    let query = "query($of: [_Any!]!) { _entities(representations: $of) {
        ... on Page { statistics { lastDay { subscribers } } }
    } }";
    let before = app.statements.load(Ordering::Relaxed);
    let answer = answered(&app, query, json!({ "of": of })).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = answer.json();
    let entities = answer["data"]["_entities"].as_array().expect("entities").iter();
    let subscribers = entities.map(|page| page["statistics"]["lastDay"]["subscribers"].clone());
    assert_eq!(subscribers.collect::<Vec<_>>(), expected);
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(400), "one for each invalid representation");
    // On a busy machine a few pages may miss their batch.
    let statements = app.statements.load(Ordering::Relaxed) - before;
    assert!(statements < 10, "{statements}");
}

#[tokio::test]
async fn a_representation_that_is_too_long_or_has_u_0000_fails_alone() {
    let app = TestApp::start().await;
    let good = json!({ "__typename": "Platform", "code": "vk" });
    let account = |id: &str| json!({ "__typename": "PlatformAccount", "platformCode": "vk", "nativeId": id });
    let bad = [
        (account("a\u{0}"), "U+0000"),
        (account(&"7".repeat(16_385)), "longer than 16384 bytes"),
        (json!({ "__typename": "Platform", "code": "vk", ("k".repeat(251)): 1 }), "longer than 250 bytes"),
    ];
    for query in [ENTITIES, "query($of: _Any!) { _entities(representations: [$of]) { __typename } }"] {
        let is_list = query == ENTITIES;
        for (representation, part) in &bad {
            let of = if is_list { json!([good, representation, good]) } else { representation.clone() };
            for _ in 0..2 {
                let answer = answered(&app, query, json!({ "of": of })).await;
                assert_eq!(answer.status, StatusCode::OK);
                let answer = answer.json();
                let expected = usize::from(is_list);
                assert_eq!(answer["errors"][0]["path"], json!(["_entities", expected]), "{answer:#}");
                let error = &answer["errors"][0];
                assert!(error["message"].as_str().is_some_and(|text| text.contains(part)), "{error}");
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
                let entities = answer["data"]["_entities"].as_array().expect("entities");
                let found = entities.iter().filter(|entity| entity["code"] == "vk").count();
                assert_eq!((answer["errors"].as_array().map(Vec::len), found), (Some(1), 2 * expected));
            }
        }
    }
}
