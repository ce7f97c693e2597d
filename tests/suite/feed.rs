//! Change feed: ordered, resumable, with permanent tombstones, and a digest to verify a copy.

use std::collections::BTreeMap;

use entities::{organization::Status, page::Lifecycle};
use registry::model::Scope;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::harness::{
    TestApp,
    churn::{churn, generated, random},
};

const CHANGES: &str = "query($after: String, $afterSeq: Count, $first: Int! = 500, $kinds: [ChangeKind!], $subjects: [ChangeSubject!], $platform: String, $territory: String) {
    changes(after: $after, afterSeq: $afterSeq, first: $first, kinds: $kinds, subjects: $subjects, platform: $platform, territory: $territory) {
        nodes { seq kind subjectType subjectId isRemoval subject { __typename ... on Page { id nativeId handle title lifecycle mark { state } platformCode owner { code } } } }
        pageInfo { hasNextPage endCursor } lastSeq
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
async fn every_change_is_told_once_and_in_order_whatever_the_window() {
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
async fn what_nobody_could_see_is_not_told_and_what_they_saw_is_taken_back() {
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
    insta::assert_json_snapshot!("told", words);
    // A reader of one platform also gets the hiding of an owner.
    let of_platform = read(&app, json!({ "afterSeq": start, "platform": "vk" }), 500).await;
    assert_eq!(of_platform.iter().filter(|change| change["isRemoval"] == json!(true)).count(), 2);
}

#[tokio::test]
async fn a_feed_is_narrowed_by_kind_subject_platform_and_territory() {
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
    let count = async |variables: Value| {
        let mut variables = variables;
        variables["afterSeq"] = json!(start);
        read(&app, variables, 500).await.len()
    };
    assert_eq!(count(json!({})).await, 5);
    assert_eq!(count(json!({ "platform": "vk" })).await, 1);
    assert_eq!(count(json!({ "subjects": ["ORGANIZATION"] })).await, 3);
    assert_eq!(count(json!({ "kinds": ["REGISTERED"] })).await, 2);
    // A move out of a territory is also in the feed of the previous territory.
    assert_eq!(count(json!({ "territory": "ru-28" })).await, 4);
    assert_eq!(count(json!({ "territory": "ru-77" })).await, 1);
    assert_eq!(count(json!({ "territory": "ru" })).await, 4);
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
    for (name, value) in [
        ("first", json!(501)),
        ("first", json!(0)),
        ("platform", json!("nowhere")),
        ("territory", json!("nowhere")),
    ] {
        assert_eq!(code(&app.ask(CHANGES, json!({ name: value })).await), "BAD_USER_INPUT", "{name}");
    }
    assert_eq!(code(&app.ask(CHANGES, json!({ "kinds": ["BORN"] })).await), "BAD_USER_INPUT");
}

/// A consumer's copy of the public pages of one platform, maintained by the feed alone.
#[derive(Default)]
struct Copy(BTreeMap<String, Value>);

impl Copy {
    fn take(&mut self, change: &Value) {
        let id = change["subjectId"].as_str().expect("an id").to_owned();
        if change["subject"].is_null() {
            self.0.remove(&id);
        } else {
            self.0.insert(id, change["subject"].clone());
        }
    }

    fn digest(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        digest_of(self.0.values().map(|page| {
            let parts = [
                number(page["id"].as_str().expect("an id")),
                text(&page["platformCode"]),
                text(&page["nativeId"]),
                text(&page["handle"]),
                text(&page["title"]),
                text(&page["lifecycle"]),
                text(&page["mark"]["state"]),
                text(&page["owner"]["code"]),
            ];
            parts.join("\u{1f}")
        }))
    }
}

/// Number in a global id.
pub fn number(id: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let id = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).expect("base64")).expect("UTF-8");
    id.rsplit(':').next().expect("a number").to_owned()
}

/// Second implementation of the digest, from its documentation.
pub fn digest_of(lines: impl Iterator<Item = String>) -> String {
    let mut sum = [0u8; 32];
    for line in lines {
        let hash = Sha256::digest(line.as_bytes());
        let mut carry = 0u16;
        for index in (0..32).rev() {
            carry += u16::from(sum[index]) + u16::from(hash[index]);
            sum[index] = carry as u8;
            carry >>= 8;
        }
    }
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_copy_kept_by_the_feed_has_the_registrys_digest() {
    let app = generated(600).await;
    let mut random = random(4);
    let (mut copy, mut after, mut marks) = (Copy::default(), Value::Null, Vec::new());
    let digest = "query($seq: Count) { registryDigest(platform: \"vk\", seq: $seq) { seq pages digest } }";
    for _ in 0..6 {
        loop {
            let variables = json!({ "after": after, "platform": "vk", "subjects": ["PAGE"], "first": 97 });
            let window = app.data(CHANGES, variables).await["changes"].take();
            window["nodes"].as_array().expect("nodes").iter().for_each(|change| copy.take(change));
            after = window["pageInfo"]["endCursor"].clone();
            if window["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        let current = app.data(digest, json!({})).await["registryDigest"].take();
        assert_eq!(current["pages"], copy.0.len());
        assert_eq!(current["digest"], copy.digest());
        marks.push(current);
        churn(&app, &mut random, 25).await;
    }
    // The digest of an earlier sequence number is still available.
    for mark in marks {
        assert_eq!(app.data(digest, json!({ "seq": mark["seq"] })).await["registryDigest"], mark);
    }
    assert_eq!(code(&app.ask(digest, json!({ "seq": 1_000_000 })).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_feed_of_what_is_rare_is_found_by_index_and_looks_through_a_part_of_the_log_at_once() {
    let app = generated(1_500).await;
    let last = app.registry.snapshot().seq();
    app.key("partner", Scope::Read).await;
    registry::api_client::revoke(&app.registry, "partner").await.expect("it is revoked");
    let before = app.statements.load(std::sync::atomic::Ordering::Relaxed);
    let none =
        app.data(CHANGES, json!({ "kinds": ["COMPROMISED"], "subjects": ["PLATFORM"], "first": 1 })).await;
    assert_eq!(
        (&none["changes"]["nodes"], &none["changes"]["pageInfo"]["hasNextPage"]),
        (&json!([]), &json!(false))
    );
    assert!(app.statements.load(std::sync::atomic::Ordering::Relaxed) - before <= 4);
    // The territory is empty: pages are empty and continue to the end of the log.
    let (mut after, mut windows) = (Value::Null, 0);
    loop {
        let variables = json!({ "territory": "ca-nu", "first": 1, "after": after });
        let window = app.data(CHANGES, variables).await["changes"].take();
        windows += 1;
        after = window["pageInfo"]["endCursor"].clone();
        let reached = window["lastSeq"].as_i64().expect("a sequence number");
        if window["pageInfo"]["hasNextPage"] == json!(false) {
            assert!(reached >= last);
            break;
        }
        assert!(
            reached <= windows * registry::change_log::MOST_SCANNED,
            "{windows} windows reached {reached}"
        );
        assert!(windows < 100);
    }
    assert!(windows >= last / registry::change_log::MOST_SCANNED, "{windows} windows of {last} changes");
}
