//! Change feed: ordered, resumable, with permanent tombstones.

use entities::{organization::Status, page::Lifecycle};
use registry::model::Scope;
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{churn, generated, random},
};

const CHANGES: &str = "query($after: String, $afterSeq: SafeInt, $first: Int! = 500, $filter: ChangeFilter) {
    changes(after: $after, afterSeq: $afterSeq, first: $first, filter: $filter) {
        nodes { seq kind subjectType subjectId isRemoval }
        pageInfo { hasNextPage endCursor } seq
    }
}";

/// All changes that match, read page by page.
async fn read(app: &TestApp, variables: Value, first: usize) -> Vec<Value> {
    let (mut found, mut variables) = (Vec::new(), variables);
    variables["first"] = json!(first);
    loop {
        let window = app.data(CHANGES, variables.clone()).await["changes"].take();
        found.extend(window["nodes"].as_array().expect("nodes").iter().cloned());
        variables["after"] = window["pageInfo"]["endCursor"].clone();
        variables["afterSeq"] = Value::Null;
        if window["pageInfo"]["hasNextPage"] == json!(false) {
            return found;
        }
    }
}

fn code(answer: &Value) -> String {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn every_change_is_in_the_feed_once_and_in_order_whatever_the_window() {
    let app = generated(300).await;
    let mut random = random(2);
    churn(&app, &mut random, 40).await;
    let all = read(&app, json!({}), 500).await;
    for first in [7, 64] {
        assert_eq!(read(&app, json!({}), first).await, all);
    }
    let seqs: Vec<i64> =
        all.iter().map(|change| change["seq"].as_i64().expect("a sequence number")).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b));
    let key = app.key("reviewer", Scope::Review).await;
    let answer = app
        .post("/graphql", Some(&key), &json!({ "query": "{ changes(first: 500) { nodes { seq } } }" }))
        .await;
    let reviewed: Vec<i64> = answer.json()["data"]["changes"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|it| it["seq"].as_i64().expect("a sequence number"))
        .collect();
    assert_eq!(reviewed, (1..=500).collect::<Vec<_>>(), "a reviewer sees the whole log, without gaps");
}

#[tokio::test]
async fn what_was_never_public_is_not_in_the_feed_and_what_was_is_removed() {
    let app = TestApp::start().await;
    let start = app.registry.snapshot().seq();
    let city = app.organization("city", "City").await;
    let page = app.page(city, "vk", "gorod").await;
    let hidden = app.page(city, "vk", "hidden").await;
    app.key("a client", Scope::Read).await;
    app.change_page(hidden, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    app.change_page(hidden, |page, _| page.title = "Not yet".into()).await;
    app.change_organization(city, |city| city.status = Status::Withdrawn).await;
    app.change_organization(city, |city| city.status = Status::Active).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let changes = read(&app, json!({ "afterSeq": start }), 500).await;
    let words: Vec<String> = changes
        .iter()
        .map(|change| {
            let word = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
            let taken = if change["isRemoval"] == json!(true) { " (removal)" } else { "" };
            format!("{} {}{taken}", word("subjectType"), word("kind"))
        })
        .collect();
    insta::assert_json_snapshot!("changes of the feed", words);
    // A reader of one platform also gets the hiding of an owner.
    let of_platform = read(&app, json!({ "afterSeq": start, "filter": { "platforms": ["vk"] } }), 500).await;
    assert_eq!(of_platform.iter().filter(|change| change["isRemoval"] == json!(true)).count(), 2);
}

#[tokio::test]
async fn an_archived_page_that_is_official_again_is_no_removal() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    let page = app.page(city, "vk", "gorod").await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let start = app.registry.snapshot().seq();
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Registered).await;
    let changes = read(&app, json!({ "afterSeq": start }), 500).await;
    let found: Vec<_> = changes.iter().map(|change| (&change["kind"], &change["isRemoval"])).collect();
    assert_eq!(found, [(&json!("RESTORED"), &json!(false))]);
}

#[tokio::test]
async fn a_feed_is_filtered_by_kind_subject_platform_and_territory() {
    let app = TestApp::start().await;
    let start = app.registry.snapshot().seq();
    let school = app.organization("school", "School").await;
    let territory = |code: &'static str| {
        let id = app.registry.snapshot().territory_by_code(code).expect("a territory").id;
        move |it: &mut registry::model::Organization| it.territory_id = Some(id)
    };
    app.change_organization(school, territory("ru-28")).await;
    app.page(school, "vk", "one").await;
    app.page(school, "ok", "two").await;
    app.change_organization(school, territory("ru-77")).await;
    let count =
        async |filter: Value| read(&app, json!({ "afterSeq": start, "filter": filter }), 500).await.len();
    // The pages are in the feed, too, when their owner moves to another territory.
    assert_eq!(count(json!({})).await, 7);
    assert_eq!(count(json!({ "platforms": ["vk"] })).await, 2);
    assert_eq!(count(json!({ "platforms": ["vk", "ok"] })).await, 4);
    assert_eq!(count(json!({ "subjects": ["ORGANIZATION"] })).await, 3);
    assert_eq!(count(json!({ "kinds": ["REGISTERED"] })).await, 2);
    assert_eq!(count(json!({ "kinds": ["REGISTERED", "CREATED"], "subjects": ["PAGE"] })).await, 2);
    // A move out of a territory is also in the feed of the previous territory.
    assert_eq!(count(json!({ "territories": ["ru-28"] })).await, 6);
    assert_eq!(count(json!({ "territories": ["ru-77"] })).await, 3);
    assert_eq!(count(json!({ "territories": ["ru-28", "ru-77"], "platforms": ["ok"] })).await, 2);
    assert_eq!(count(json!({ "territories": ["ru"] })).await, 6);
    // It is a removal there.
    let of_territory = json!({ "afterSeq": start, "filter": { "territories": ["ru-28"] } });
    let removals = read(&app, of_territory, 500).await;
    assert_eq!(
        removals.iter().map(|it| it["isRemoval"] == json!(true)).collect::<Vec<_>>(),
        [false, false, false, true, true, true]
    );
}

#[tokio::test]
async fn cursors_that_are_none_of_the_feeds_are_refused_by_their_own_code() {
    let app = TestApp::start().await;
    let window = app.data(CHANGES, json!({ "first": 1 })).await["changes"].take();
    let cursor = window["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let list = app.data("{ institutions { pageInfo { endCursor } } platforms { id } }", json!({})).await;
    let mut altered = cursor.clone().into_bytes();
    altered[1] ^= 1;
    for foreign in [
        "",
        "x",
        &cursor[1..],
        &String::from_utf8_lossy(&altered),
        list["platforms"][0]["id"].as_str().expect("an id"),
    ] {
        assert_eq!(code(&app.ask(CHANGES, json!({ "after": foreign })).await), "INVALID_CURSOR", "{foreign}");
    }
    assert_eq!(code(&app.ask(CHANGES, json!({ "afterSeq": 1_000_000 })).await), "INVALID_CURSOR");
    assert_eq!(code(&app.ask(CHANGES, json!({ "after": cursor, "afterSeq": 1 })).await), "BAD_USER_INPUT");
    for first in [501, 0] {
        assert_eq!(code(&app.ask(CHANGES, json!({ "first": first })).await), "BAD_USER_INPUT", "{first}");
    }
}

#[tokio::test]
async fn mistakes_in_a_filter_of_the_feed_are_reported_with_their_field() {
    let app = TestApp::start().await;
    let digest = "query($filter: ChangeFilter) { registryDigest(filter: $filter) { seq } }";
    for (filter, part) in [
        (json!({ "platforms": ["vk", "nowhere"] }), "`platforms`: the registry has no platform `nowhere`"),
        (json!({ "territories": ["nowhere"] }), "`territories`: the registry has no territory `nowhere`"),
        (json!({ "platforms": [] }), "`platforms` is empty"),
        (json!({ "territories": vec!["ru"; 101] }), "`territories` must hold at most 100"),
        (json!({ "subjects": [] }), "`subjects` is empty"),
        (json!({ "subjects": vec!["PAGE"; 101] }), "`subjects` must hold at most 100"),
        (
            json!({ "subjects": ["ORGANIZATION"], "withOwners": true }),
            "`withOwners` adds the owners of pages",
        ),
    ] {
        for query in [CHANGES, digest] {
            let answer = app.ask(query, json!({ "filter": filter })).await;
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(code(&answer) == "BAD_USER_INPUT" && message.contains(part), "{query}: {answer}");
        }
    }
    let of_kinds = app.ask(digest, json!({ "filter": { "kinds": ["CREATED"] } })).await;
    assert!(of_kinds["errors"][0]["message"].as_str().is_some_and(|text| text.contains("`kinds`")));
    assert_eq!(code(&app.ask(CHANGES, json!({ "filter": { "kinds": ["BORN"] } })).await), "BAD_USER_INPUT");
    assert_eq!(code(&app.ask(CHANGES, json!({ "filter": { "platform": "vk" } })).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_feed_of_what_is_rare_is_found_by_index_and_looks_through_a_part_of_the_log_at_once() {
    let app = generated(1_500).await;
    let last = app.registry.snapshot().seq();
    app.key("partner", Scope::Read).await;
    registry::api_client::revoke(&app.registry, "partner").await.expect("it is revoked");
    let before = app.statements.load(std::sync::atomic::Ordering::Relaxed);
    let none = app
        .data(
            CHANGES,
            json!({ "first": 1, "filter": { "kinds": ["COMPROMISED"], "subjects": ["PLATFORM"] } }),
        )
        .await;
    assert_eq!(
        (&none["changes"]["nodes"], &none["changes"]["pageInfo"]["hasNextPage"]),
        (&json!([]), &json!(false))
    );
    assert!(app.statements.load(std::sync::atomic::Ordering::Relaxed) - before <= 4);
    // Nothing matches: pages are empty and continue to the end of the log, with few statements each.
    for filter in
        [json!({ "territories": ["ca-nu"] }), json!({ "platforms": ["flickr"], "withOwners": true })]
    {
        let (mut after, mut windows) = (Value::Null, 0);
        loop {
            let before = app.statements.load(std::sync::atomic::Ordering::Relaxed);
            let variables = json!({ "filter": filter, "first": 1, "after": after });
            let window = app.data(CHANGES, variables).await["changes"].take();
            windows += 1;
            let statements = app.statements.load(std::sync::atomic::Ordering::Relaxed) - before;
            assert!(statements < 12, "{statements} statements");
            after = window["pageInfo"]["endCursor"].clone();
            let reached = window["seq"].as_i64().expect("a sequence number");
            if window["pageInfo"]["hasNextPage"] == json!(false) {
                assert!(reached >= last);
                break;
            }
            let most = windows * registry::change_log::MAX_SCANNED;
            assert!(reached <= most, "{windows} windows reached {reached}");
        }
        assert!(windows >= last / registry::change_log::MAX_SCANNED, "{windows} windows of {last} changes");
    }
}
