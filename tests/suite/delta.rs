//! Followers of the change feed during writes: each sees the whole log exactly once, in spite of interruptions.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use entities::{change, page::Lifecycle};
use rand::Rng;
use registry::{
    change_log::{Actor, Registry},
    model::Scope,
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::random,
    copy::{Copy, RECORD},
    seed,
};

/// Number of writers, each with its own connections.
const WRITERS: u64 = 4;

/// Total number of writes; `DELTA_WRITES` overrides it.
fn writes() -> u64 {
    std::env::var("DELTA_WRITES").ok().and_then(|number| number.parse().ok()).unwrap_or(400)
}

/// Writes of one writer: new pages, changed titles, pages that are archived and restored.
async fn write(registry: Registry, writer: u64) {
    for number in 0..writes() / WRITERS {
        let written = registry.write(&Actor::Operator, move |change_set| {
            let mut random = random(writer << 32 | number);
            let (_, pages) = change_set.snapshot().sizes();
            if pages < 10 || random.random_ratio(1, 2) {
                let handle = format!("w{writer}_{number}");
                let platform = if random.random_ratio(3, 4) { "vk" } else { "ok" };
                change_set.upsert(seed::page(change_set, 1, platform, None, Some(&handle)), None)?;
                return Ok(());
            }
            let id = random.random_range(1..=pages as i64);
            let mut page = registry::model::Page::clone(change_set.snapshot().page(id).expect("a page"));
            match random.random_range(0..3) {
                0 => page.title = format!("Title {writer} {number}").into(),
                1 => page.lifecycle = Lifecycle::UnderReview,
                _ => page.lifecycle = Lifecycle::Registered,
            }
            change_set.upsert(page, None)?;
            Ok(())
        });
        written.await.expect("the write succeeds");
    }
}

/// Follows the log up to `last`, with interruptions; returns the changes seen and the copy.
async fn follow(app: &TestApp, key: &str, reader: u64, start: i64, is_over: &AtomicBool) -> Vec<i64> {
    let mut random = random(1_000 + reader);
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let was_over = is_over.load(Ordering::Acquire);
        let query = "query($after: String, $afterSeq: SafeInt, $first: Int!) { changes(after: $after, afterSeq: $afterSeq, first: $first) {
            nodes { seq } pageInfo { hasNextPage endCursor } } }";
        let after_seq = if after.is_null() { json!(start) } else { Value::Null };
        let variables =
            json!({ "after": after, "afterSeq": after_seq, "first": random.random_range(1..=200) });
        let request = json!({ "query": query, "variables": variables });
        let asked = app.post("/graphql", Some(key), &request);
        // An interrupted reader keeps only its last cursor.
        let patience = Duration::from_micros(random.random_range(300..30_000));
        let Ok(answer) = tokio::time::timeout(patience, asked).await else { continue };
        if matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            // On a busy machine it exceeds its rate limit, and retries.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let window = answer.json()["data"]["changes"].take();
        seen.extend(
            window["nodes"]
                .as_array()
                .expect("changes")
                .iter()
                .map(|it| it["seq"].as_i64().expect("a sequence number")),
        );
        after = window["pageInfo"]["endCursor"].clone();
        if window["pageInfo"]["hasNextPage"] == json!(false) {
            if was_over {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(random.random_range(0..20))).await;
        }
    }
}

/// A copy of the pages of one platform, from their list, and the sequence number of the first part of the list.
async fn take_list(app: &TestApp) -> (Copy, i64) {
    let query = format!(
        "query($after: String, $filter: PageFilter) {{ pages(first: 50, after: $after, filter: $filter) {{
            nodes {{ ...Record }} pageInfo {{ hasNextPage endCursor }} }} }} {RECORD}"
    );
    let (mut pages, mut after, mut first) = (Vec::new(), Value::Null, None::<i64>);
    loop {
        let variables = json!({ "after": after, "filter": { "platforms": ["vk"] } });
        let answer =
            app.post("/public/graphql", None, &json!({ "query": query, "variables": variables })).await;
        first = first.or_else(|| answer.header("registry-seq").parse().ok());
        let list = answer.json()["data"]["pages"].take();
        pages.extend(list["nodes"].as_array().expect("pages").clone());
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    let seq = first.expect("a sequence number");
    let mut copy = Copy::after(seq, json!({ "platforms": ["vk"], "subjects": ["PAGE"] }));
    let by_id = pages.into_iter().map(|page| (page["id"].as_str().expect("an id").to_owned(), page));
    copy.pages = by_id.collect();
    (copy, seq)
}

/// Runs all writers, and takes a copy during the writes; returns it with its sequence number, and the end of the log.
async fn write_all(app: &TestApp, is_over: &AtomicBool) -> ((Copy, i64), i64) {
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let registry = Registry::open(app.database.connect().await).await.expect("the registry opens");
        writers.push(tokio::spawn(write(registry, writer)));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let taken = take_list(app).await;
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    let head = change::Entity::find().select_only().column(change::Column::Seq);
    let head = head.order_by_desc(change::Column::Seq).into_tuple().one(&app.registry.database().read).await;
    let head: i64 = head.expect("the log").expect("a change");
    app.registry.reached(head).await;
    is_over.store(true, Ordering::Release);
    (taken, head)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_that_break_off_miss_nothing_of_what_four_writers_write() {
    let app = TestApp::start().await;
    app.organization("owner", "Owner").await;
    let key = app.key("reviewer", Scope::Review).await;
    let start = app.registry.snapshot().seq();
    let following = app.registry.follow();
    let is_over = AtomicBool::new(false);
    let reader = |reader| follow(&app, &key, reader, start, &is_over);
    let (((mut copy, taken), head), first, second, third) =
        tokio::join!(write_all(&app, &is_over), reader(1), reader(2), reader(3));
    let log: Vec<i64> = (start + 1..=head).collect();
    assert!(log.len() as u64 >= writes() / 3, "most writes changed something: {}", log.len());
    for seen in [first, second, third] {
        assert_eq!(seen, log, "the log, in order, without gap or double");
    }
    assert!(taken < head, "the copy is older than the last write");
    copy.follow(&app).await;
    let digest = copy.compare(&app).await;
    assert_eq!(digest["seq"], head);
    following.abort();
}
