//! Root fields: single objects, batches by key, reference data, the registry itself and the client.

use api::{app::App, config::settings::Settings, router::router};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entities::{
    organization::{Kind, Level, Status},
    page::Lifecycle,
};
use registry::{
    api_client,
    attribution::{Attribution, NOT_STATED},
    model::Scope,
};
use serde_json::{Value, json};

use super::harness::TestApp;

/// A ministry, a school and a page of the school.
async fn school(app: &TestApp) -> (i64, i64, i64) {
    let ministry = app.organization("min", "Ministry of Education").await;
    app.change_organization(ministry, |it| {
        it.kind = Kind::Authority;
        it.level = Some(Level::Federal);
    })
    .await;
    let territory = app.registry.snapshot().territory_by_code("ru-28").expect("a region").id;
    let school = app.organization("school", "School").await;
    app.change_organization(school, move |it| {
        it.territory_id = Some(territory);
        it.sector = Some("EDUCATION".into());
    })
    .await;
    (ministry, school, app.page(school, "vk", "77").await)
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_organization_of_either_kind_is_found_by_its_code_and_listed() {
    let app = TestApp::start().await;
    school(&app).await;
    let query = r#"{
        organization(code: "min") { __typename kind code }
        other: organization(code: "school") { __typename kind }
        none: organization(code: "nobody") { code }
        then: organization(code: "min", asOf: "2001-01-01T00:00:00Z") { code }
        organizations(orderBy: { field: NAME }) { totalCount nodes { code kind } }
        authorities: organizations(filter: { kinds: [AUTHORITY] }) { nodes { code } }
    }"#;
    let expected = json!({
        "organization": { "__typename": "Authority", "kind": "AUTHORITY", "code": "min" },
        "other": { "__typename": "Institution", "kind": "INSTITUTION" },
        "none": null,
        "then": null,
        "organizations": { "totalCount": 2, "nodes": [
            { "code": "min", "kind": "AUTHORITY" }, { "code": "school", "kind": "INSTITUTION" }
        ] },
        "authorities": { "nodes": [{ "code": "min" }] },
    });
    assert_eq!(app.data(query, json!({})).await, expected);
}

const BATCHES: &str = r#"query($ids: [ID!]!) {
    nodes(ids: $ids) { __typename ... on Page { nativeId } ... on Organization { code } }
    organizationsByCodes(codes: ["school", "nobody", "draft", "min", "school"]) { code }
    pagesByNativeIds(platformCode: "vk", nativeIds: [77, "404", "78", "77"]) { nativeId }
    elsewhere: pagesByNativeIds(platformCode: "nowhere", nativeIds: ["77"]) { nativeId }
}"#;

#[tokio::test]
async fn each_key_of_a_batch_is_answered_in_its_place() {
    let app = TestApp::start().await;
    let (_, school, _) = school(&app).await;
    let proposed = app.page(school, "vk", "78").await;
    app.change_page(proposed, |page, _| page.lifecycle = Lifecycle::Proposed).await;
    let draft = app.organization("draft", "Not yet").await;
    app.change_organization(draft, |it| it.status = Status::Draft).await;
    let find = "{ pages { nodes { id } } organization(code: \"min\") { id } }";
    let known = app.data(find, json!({})).await;
    let hidden = BASE64_URL_SAFE_NO_PAD.encode(format!("Page:{proposed}"));
    let ids = json!([known["organization"]["id"], "x", known["pages"]["nodes"][0]["id"], hidden]);
    let public = app.data(BATCHES, json!({ "ids": ids })).await;
    let expected = json!({
        "nodes": [{ "__typename": "Authority", "code": "min" }, null, { "__typename": "Page", "nativeId": "77" }, null],
        "organizationsByCodes": [{ "code": "school" }, null, null, { "code": "min" }, { "code": "school" }],
        "pagesByNativeIds": [{ "nativeId": "77" }, null, null, { "nativeId": "77" }],
        "elsewhere": [null],
    });
    assert_eq!(public, expected);
    let key = app.key("reviewer", Scope::Review).await;
    let body = json!({ "query": BATCHES, "variables": { "ids": ids } });
    let reviewed = app.post("/graphql", Some(&key), &body).await.json();
    assert_eq!(reviewed["data"]["nodes"][3]["nativeId"], "78", "{reviewed}");
    assert_eq!(reviewed["data"]["organizationsByCodes"][2]["code"], "draft");
    assert_eq!(reviewed["data"]["pagesByNativeIds"][2]["nativeId"], "78");
}

#[tokio::test]
async fn a_batch_has_up_to_a_hundred_keys_for_everyone() {
    let app = TestApp::start().await;
    let key = app.key("dashboards", Scope::Internal).await;
    for (argument, field) in [
        ("ids", "nodes(ids: $keys) { id }"),
        ("codes", "organizationsByCodes(codes: $keys) { id }"),
        ("nativeIds", "pagesByNativeIds(platformCode: \"vk\", nativeIds: $keys) { id }"),
    ] {
        let kind = if argument == "codes" { "String" } else { "ID" };
        let query = format!("query($keys: [{kind}!]!) {{ found: {field} }}");
        let keys = |count: usize| json!({ "keys": vec!["1"; count] });
        let found = app.data(&query, keys(100)).await;
        assert_eq!(found["found"].as_array().map(Vec::len), Some(100), "{field}");
        for count in [0, 101] {
            let body = json!({ "query": query, "variables": keys(count) });
            let partner = app.post("/graphql", Some(&key), &body).await.json();
            for answer in [app.ask(&query, keys(count)).await, partner] {
                assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
                let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
                assert!(message.starts_with(&format!("`{argument}` must hold from 1 to 100")), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_one_object_leaves_the_others_of_its_batch() {
    let app = TestApp::start().await;
    school(&app).await;
    let known = app.data("{ pages { nodes { id } } organization(code: \"min\") { id } }", json!({})).await;
    let ids = json!([known["organization"]["id"], known["pages"]["nodes"][0]["id"]]);
    // The first one is resolved at once, the second one waits.
    for wrong in ["pages(first: 1000) { totalCount }", "history(first: 1000) { totalCount }"] {
        let query =
            format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on Organization {{ {wrong} }} }} }}");
        let answer = app.ask(&query, json!({ "ids": ids })).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
        assert_eq!(answer["data"]["nodes"], json!([null, { "id": ids[1] }]), "{answer}");
    }
}

#[tokio::test]
async fn reference_data_is_listed_whole_or_in_part() {
    let app = TestApp::start().await;
    let query = r#"{
        sectors { code name(language: "en") }
        identifierSchemes { code name(language: "en") pattern hasCheckDigit isUnique updatedAt }
        all: territories { totalCount }
        east: territories(kind: REGION, parentCode: "ru-dfo", first: 100) { totalCount nodes { kind parent { code } } }
        canada: territories(parentCode: "ca") { totalCount }
        countries: territories(kind: COUNTRY) { nodes { code } }
        within: territories(kind: COUNTRY, parentCode: "ru") { totalCount }
    }"#;
    let data = app.data(query, json!({})).await;
    let sectors = data["sectors"].as_array().expect("sectors");
    assert!(sectors.contains(&json!({ "code": "EDUCATION", "name": "Education" })), "{sectors:?}");
    let scheme = |code: &str| {
        let schemes = data["identifierSchemes"].as_array().expect("schemes");
        schemes.iter().find(|scheme| scheme["code"] == code).expect("the scheme").clone()
    };
    assert_eq!(scheme("ru:inn")["pattern"], r"\d{10}");
    assert_eq!(
        (&scheme("ru:inn")["hasCheckDigit"], &scheme("ru:inn")["isUnique"]),
        (&json!(true), &json!(false))
    );
    assert_eq!((&scheme("ror")["hasCheckDigit"], &scheme("ror")["isUnique"]), (&json!(false), &json!(true)));
    assert_eq!(data["all"]["totalCount"], 98 + 14);
    assert_eq!(data["east"]["totalCount"], 11);
    let east = data["east"]["nodes"].as_array().expect("regions");
    assert!(east.iter().all(|it| *it == json!({ "kind": "REGION", "parent": { "code": "ru-dfo" } })));
    assert_eq!(data["canada"]["totalCount"], 13, "without itself");
    assert_eq!(data["countries"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(data["within"]["totalCount"], 0);
    let answer = app.ask("{ territories(parentCode: \"nowhere\") { totalCount } }", json!({})).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
}

#[tokio::test]
async fn the_registry_describes_itself() {
    let app = TestApp::start().await;
    let data =
        app.data("{ registry { name licence timeZone seq startedAt } }", json!({})).await["registry"].take();
    assert_eq!((&data["name"], &data["licence"]), (&json!("Test registry"), &json!("CC BY 4.0")));
    assert_eq!(data["timeZone"], "UTC");
    assert_eq!(data["seq"], app.registry.snapshot().seq());
    let started: DateTime<Utc> =
        data["startedAt"].as_str().expect("a timestamp").parse().expect("a timestamp");
    assert!(started < Utc::now());
}

#[tokio::test]
async fn a_licence_that_is_not_set_is_null() {
    let mut app = TestApp::start().await;
    for (licence, expected) in [("CC0", json!("CC0")), (NOT_STATED, Value::Null)] {
        let attribution = Attribution { source: "Registry".into(), licence: licence.into() };
        let settings = Settings { attribution, ..Settings::default() };
        app.switch_to(router(App::new(app.registry.clone(), settings)));
        let data = app.data("{ registry { name licence } }", json!({})).await;
        assert_eq!(data["registry"], json!({ "name": "Registry", "licence": expected }));
    }
}

#[tokio::test]
async fn a_client_sees_its_own_key_and_nobody_elses() {
    let app = TestApp::start().await;
    let vk = api_client::create(&app.registry, "VK", vec![Scope::Read, Scope::Statistics], Some("vk")).await;
    let (vk, other) = (vk.expect("a key").key, app.key("other", Scope::Review).await);
    let viewer = "viewer { name scopes platform { code } }";
    for query in [
        format!("{{ {viewer} }}"),
        // A query that is executed again, once the past that it needs is read.
        format!(
            "{{ {viewer} platforms {{ code }} nodes(ids: [\"UGFnZTox\"], asOf: \"2020-01-01T00:00:00Z\") {{ id }} }}"
        ),
    ] {
        let body = json!({ "query": query });
        for _ in 0..2 {
            let data = app.post("/graphql", Some(&vk), &body).await.json()["data"]["viewer"].take();
            let expected =
                json!({ "name": "VK", "scopes": ["READ", "STATISTICS"], "platform": { "code": "vk" } });
            assert_eq!(data, expected);
            let data = app.post("/graphql", Some(&other), &body).await.json()["data"]["viewer"].take();
            assert_eq!(data, json!({ "name": "other", "scopes": ["REVIEW"], "platform": null }));
            assert_eq!(app.data(&query, json!({})).await["viewer"], Value::Null);
        }
    }
}

#[tokio::test]
async fn a_page_has_its_number_its_territory_and_its_entry() {
    let app = TestApp::start().await;
    let (.., page) = school(&app).await;
    let query = "{ pages { nodes { id number territory { code } createdAt updatedAt } } }";
    let data = app.data(query, json!({})).await["pages"]["nodes"][0].take();
    assert_eq!(data["number"], page);
    assert_eq!(data["territory"]["code"], "ru-28");
    assert_eq!(data["createdAt"], data["updatedAt"]);
}

#[tokio::test]
async fn groups_are_named_in_the_language_that_was_asked_for() {
    let app = TestApp::start().await;
    school(&app).await;
    let keys = "keys { code name ru: name(language: \"ru\") en: name(language: \"en\") territory { name(language: \"en\") } }";
    let first = |data: &Value| data["registryStatistics"]["groups"][0]["keys"][0].clone();
    for (by, code, english, russian) in [
        ("LEVEL", "FEDERAL", "Federal", "Федеральный уровень"),
        ("SECTOR", "EDUCATION", "Education", "Образование"),
    ] {
        let query = format!("{{ registryStatistics(groupBy: [{by}]) {{ groups {{ {keys} }} }} }}");
        let key = first(&app.data(&query, json!({})).await);
        assert_eq!((&key["code"], &key["en"], &key["ru"]), (&json!(code), &json!(english), &json!(russian)));
        assert_eq!(
            (&key["name"], &key["territory"]),
            (&key["ru"], &Value::Null),
            "the first pack is in Russian"
        );
    }
    let query = format!("{{ registryStatistics(groupBy: [TERRITORY]) {{ groups {{ {keys} }} }} }}");
    let key = first(&app.data(&query, json!({})).await);
    assert_eq!(key["territory"]["name"], key["en"], "{key}");
    assert_eq!(key["name"], key["ru"], "{key}");
}
