//! Queries as of the past: responses for a timestamp equal those that the registry gave then.

use std::sync::Arc;

use api::graphql::{kit::context::Views, schema};
use async_graphql::{Request, Variables};
use chrono::{DateTime, Duration, Utc};
use entities::{change, organization::Status, page::Lifecycle};
use rand::{Rng, seq::IndexedRandom};
use registry::{
    attribution::Attribution,
    change_log::Registry,
    model::Record,
    snapshot::Snapshot,
    view::{View, Viewer},
};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{churn, generated, random},
};

/// Queries a registry of this process without HTTP.
pub async fn ask(registry: &Registry, viewer: Viewer, query: &str) -> Value {
    on(registry, View::new(registry.snapshot(), viewer), query, json!({})).await
}

async fn on(registry: &Registry, view: View, query: &str, variables: Value) -> Value {
    let request = Request::new(query).variables(Variables::from_json(variables));
    let request = request.data(Arc::new(Views::new(view))).data(registry.clone());
    let schema = schema::build(async_graphql::ValidationMode::Strict, &Attribution::default());
    let response = schema.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_value(response.data).expect("data is JSON")
}

const OBJECT: &str = "... on Page {
        handle nativeId title lifecycle mark { state } widget url aliases { handle kind }
        owner { code name status } coOwners { code } platform { name }
    }
    ... on Organization {
        code name status parent { code } ancestors { code name } territory { code parent { code } } website
        children(first: 100, orderBy: { field: NAME }) { totalCount nodes { code name } }
        pages(first: 100, filter: { lifecycles: [REGISTERED, ARCHIVED] }) { totalCount nodes { handle nativeId lifecycle } }
    }
    ... on Institution { sector { code } authority { code institutions(first: 5) { totalCount nodes { code } } } }
    ... on Territory { code name parent { code } parts: children { code } }";

/// The registry as replayed from its log up to a sequence number.
fn replay(log: &[change::Model], seq: i64) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for change in log.iter().take_while(|change| change.seq <= seq) {
        let record = Record::parse(change.subject_type, &change.after).expect("a record");
        snapshot.apply(record).expect("the record applies");
        snapshot.advance(change.seq, &change.hash, change.at);
    }
    snapshot.derive();
    snapshot
}

#[tokio::test]
async fn a_thousand_answers_about_the_past_are_those_of_a_replayed_log() {
    let app = generated(600).await;
    let mut random = random(3);
    churn(&app, &mut random, 250).await;
    let log = change::Entity::find().order_by_asc(change::Column::Seq);
    let log = log.all(&app.registry.database().read).await.expect("the log");
    let ids = subjects(&app).await;
    for _ in 0..20 {
        let at: DateTime<Utc> = log[random.random_range(log.len() / 3..log.len())].at;
        let seq = log.iter().rev().find(|change| change.at <= at).expect("a change").seq;
        let replayed = Arc::new(replay(&log, seq));
        for ids in ids.choose_multiple(&mut random, 50).collect::<Vec<_>>().chunks(5) {
            let now = format!("{{ {} }}", ids_query(ids, ""));
            let as_of = format!("query($at: DateTime!) {{ {} }}", ids_query(ids, ", asOf: $at"));
            let expected =
                on(&app.registry, View::new(replayed.clone(), Viewer::Public), &now, json!({})).await;
            let actual = app.data(&as_of, json!({ "at": at.to_rfc3339() })).await;
            assert_eq!(actual, expected, "at {at}");
        }
    }
}

fn ids_query(ids: &[&Value], at: &str) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("nodes(ids: [{}]{at}) {{ id {OBJECT} }}", ids.join(", "))
}

async fn subjects(app: &TestApp) -> Vec<Value> {
    let mut ids = Vec::new();
    for list in ["pages", "authorities", "institutions"] {
        let mut after = Value::Null;
        loop {
            let query = format!(
                "query($after: String) {{ list: {list}(first: 100, after: $after) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let found = app.data(&query, json!({ "after": after })).await["list"].take();
            ids.extend(found["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].clone()));
            after = found["pageInfo"]["endCursor"].clone();
            if found["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
    }
    let regions = app.data("{ regions { id } }", json!({})).await["regions"].take();
    ids.extend(regions.as_array().expect("regions").iter().map(|region| region["id"].clone()));
    ids
}

/// Timestamp of the log's last change.
pub async fn now(app: &TestApp) -> String {
    let last = change::Entity::find().order_by_desc(change::Column::Seq);
    let last = last.one(&app.registry.database().read).await.expect("the log").expect("a change");
    // Each write has its own timestamp, even if the clock stands still.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    last.at.to_rfc3339()
}

#[tokio::test]
async fn what_a_handle_was_on_a_day_has_an_answer() {
    let app = TestApp::start().await;
    let (city, thief) = (app.organization("city", "City").await, app.organization("shop", "Shop").await);
    let before = now(&app).await;
    let page = app.page(city, "vk", "gorod").await;
    app.change_page(page, |page, _| page.native_id = Some("77".into())).await;
    let first = now(&app).await;
    app.change_page(page, |page, change_set| page.rename(Some("gorod_tula".into()), change_set.now())).await;
    let renamed = now(&app).await;
    let other = app.page(thief, "vk", "gorod").await;
    app.change_page(other, |page, _| page.native_id = Some("88".into())).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let query = "query($at: DateTime) {
        verifyPage(url: \"vk.com/gorod\", asOf: $at) { verdict matchedBy page { nativeId owner { code } } }
        byId: verifyPage(url: \"vk.com/club77\", asOf: $at) { verdict page { handle } }
        page(url: \"vk.com/gorod\", asOf: $at) { nativeId }
    }";
    let mut answers = Vec::new();
    for at in [json!(before), json!(first), json!(renamed), Value::Null] {
        answers.push(app.data(query, json!({ "at": at })).await);
    }
    insta::assert_json_snapshot!("handle_through_time", answers);
}

#[tokio::test]
async fn a_history_has_what_changed_when_by_which_role_and_why() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    let page = app.page(city, "vk", "gorod").await;
    app.change_page(page, |page, change_set| page.rename(Some("gorod_tula".into()), change_set.now())).await;
    app.change_organization(city, |city| city.name = "City of Tula".into()).await;
    app.change_organization(city, |city| city.status = Status::Withdrawn).await;
    app.change_organization(city, |city| city.status = Status::Active).await;
    let query = r#"{
        page(url: "vk.com/gorod_tula") { history { totalCount nodes { kind role reason isRemoval fields { field before after } } } }
        institution(code: "city") { history { totalCount nodes { kind isRemoval fields { field before after } } } }
    }"#;
    let mut data = app.data(query, json!({})).await;
    // The one value that differs from run to run.
    for entry in data["page"]["history"]["nodes"].as_array_mut().expect("entries") {
        let fields = entry["fields"].as_array_mut().expect("fields");
        fields.retain(|field| field["field"] != "registeredAt");
    }
    insta::assert_json_snapshot!("histories", data);
    let windows = r#"query($after: String) { page(url: "vk.com/gorod_tula") { history(first: 1, after: $after) { nodes { seq } pageInfo { hasNextPage endCursor } } } }"#;
    let (mut seqs, mut after) = (Vec::new(), Value::Null);
    loop {
        let list = app.data(windows, json!({ "after": after })).await["page"]["history"].take();
        seqs.push(list["nodes"][0]["seq"].as_i64().expect("a sequence number"));
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert!(seqs.len() == 4 && seqs.is_sorted_by(|a, b| a > b), "{seqs:?}");
}

#[tokio::test]
async fn fields_that_wait_stand_where_the_query_has_them() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    for number in 0..5 {
        app.page(city, "vk", &format!("page_{number}")).await;
    }
    let query = r#"query { changes(first: 2) { nodes { seq kind } } digest: registryDigest { seq pages { digest count } }
        pages { nodes { history { nodes { seq kind } totalCount } handle ...more } totalCount }
        institution(code: "city") { ...more name } }
        fragment more on Node { ... on Page { title } ... on Institution { history { totalCount } code } id }"#;
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    for _ in 0..20 {
        let data = app.data(query, json!({})).await;
        assert_eq!(keys(&data), ["changes", "digest", "pages", "institution"]);
        assert_eq!(keys(&data["digest"]), ["seq", "pages"]);
        for page in data["pages"]["nodes"].as_array().expect("nodes") {
            assert_eq!(keys(page), ["history", "handle", "title", "id"]);
        }
        assert_eq!(keys(&data["institution"]), ["history", "code", "id", "name"]);
    }
}

#[tokio::test]
async fn what_was_never_public_has_no_public_past() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    let page = app.page(city, "vk", "gorod").await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    let hidden = now(&app).await;
    app.change_page(page, |page, _| page.title = "A secret title".into()).await;
    app.change_page(page, |page, _| {
        page.title = "A public title".into();
        page.lifecycle = Lifecycle::Registered;
    })
    .await;
    let query = r#"query($at: DateTime) { page(url: "vk.com/gorod", asOf: $at) { title history { nodes { fields { field before after } } } } }"#;
    assert_eq!(app.data(query, json!({ "at": hidden })).await["page"], Value::Null);
    let data = app.data(query, json!({})).await;
    assert!(!data.to_string().contains("secret") && data.to_string().contains("A public title"), "{data}");
}

#[tokio::test]
async fn a_merged_organization_keeps_its_id_and_leads_on() {
    let app = TestApp::start().await;
    let (one, two, three) = (
        app.organization("one", "One").await,
        app.organization("two", "Two").await,
        app.organization("three", "Three").await,
    );
    let id = app.data(r#"{ institution(code: "one") { id } }"#, json!({})).await["institution"]["id"].take();
    for (from, to) in [(one, two), (two, three)] {
        app.change_organization(from, move |it| {
            it.status = Status::Merged;
            it.successors = vec![to];
        })
        .await;
    }
    let query = "query($id: ID!) { node(id: $id) { id ... on Institution { status mergedInto { code } successors { code predecessors { code } } predecessors { code } } } }";
    insta::assert_json_snapshot!("merged", app.data(query, json!({ "id": id })).await);
}

#[tokio::test]
async fn timestamps_that_cannot_be_answered_are_rejected() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let query = r#"query($at: DateTime) { institution(code: "city", asOf: $at) { code } }"#;
    let future = (Utc::now() + Duration::hours(1)).to_rfc3339();
    let answer = app.ask(query, json!({ "at": future })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(app.data(query, json!({ "at": "1999-01-01T00:00:00Z" })).await["institution"], Value::Null);
    let answer = app.ask(query, json!({ "at": "last week" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    let many: String = (0..11)
        .map(|year| {
            format!(
                r#"a{year}: institution(code: "city", asOf: "20{:02}-01-01T00:00:00Z") {{ code }} "#,
                year + 10
            )
        })
        .collect();
    let answer = app.ask(&format!("{{ {many} }}"), json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}

#[tokio::test]
async fn a_time_without_hours_is_refused_with_how_to_write_it() {
    let app = TestApp::start().await;
    let query = r#"{ page(url: "vk.com/gorod", asOf: "2024-03-01") { title } }"#;
    let answer = app.post("/public/graphql", None, &json!({ "query": query })).await.json();
    let message = answer["errors"][0]["message"].to_string();
    assert!(message.contains("2026-11-22T07:06:00Z") && !message.contains("premature"), "{message}");
}
