//! A database that went back in time: it was restored, or a lagging replica took over.

use std::time::Duration;

use axum::http::StatusCode;
use registry::{
    change_log::{Actor, Registry, TimelineFault, Verdict, breaks, verify},
    model::Scope,
};
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    behind::AsOf,
    served::{PATIENCE, serve},
    socket::Socket,
};

const CHANGES: &str =
    "query($after: String, $afterSeq: SafeInt) { changes(after: $after, afterSeq: $afterSeq, first: 500) {
    nodes { seq } seq pageInfo { endCursor } } }";

async fn cursor(app: &TestApp) -> Value {
    let seq = app.registry.snapshot().seq() - 10;
    app.data(CHANGES, json!({ "afterSeq": seq })).await["changes"]["pageInfo"]["endCursor"].take()
}

/// Waits until the registry is reloaded.
async fn wait_for_reload(registry: &Registry) {
    let waiting = async {
        while registry.snapshot().timeline().generation == 0 || registry.is_reloading() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the registry is reloaded");
}

fn error_of(answer: &Value) -> (&str, &Value) {
    let extensions = &answer["errors"][0]["extensions"];
    (extensions["code"].as_str().unwrap_or("none"), &extensions["commonSeq"])
}

#[tokio::test]
async fn a_database_that_went_back_is_detected_served_as_it_is_and_reported_to_those_who_had_read_further() {
    let app = TestApp::start().await;
    let _following = app.registry.follow();
    app.search_is_ready().await;
    app.organization("kept", "Kept school").await;
    let (common, early) = (app.registry.snapshot().seq(), cursor(&app).await);
    let saved = AsOf::keep(&app).await;
    app.organization("lost", "Lost school").await;
    let key = app.key("lost", Scope::Read).await;
    let late = cursor(&app).await;
    let ask = json!({ "query": "{ institutions { nodes { code } } search(text: \"lost school\") { totalCount } }" });
    app.search_is_ready().await;
    let before = app.post("/public/graphql", None, &ask).await.json();
    assert_eq!(before["data"]["institutions"]["nodes"], json!([{ "code": "kept" }, { "code": "lost" }]));

    saved.bring_back().await;
    wait_for_reload(&app.registry).await;
    assert_eq!(app.registry.snapshot().seq(), common);
    app.search_is_ready().await;
    let after = app.post("/public/graphql", None, &ask).await.json();
    assert_eq!(after["data"]["institutions"]["nodes"], json!([{ "code": "kept" }]), "no cached answer");
    assert_eq!(app.post("/graphql", Some(&key), &ask).await.status, StatusCode::UNAUTHORIZED);
    let ready = app.get("/readyz", &[]).await.json();
    assert_eq!((&ready["timeline"]["breaks"], &ready["timeline"]["reloads"]), (&json!(1), &json!(1)));

    let lost = app.ask(CHANGES, json!({ "after": late })).await;
    assert_eq!(error_of(&lost), ("TIMELINE_CHANGED", &json!(common)));
    let beyond = app.ask(CHANGES, json!({ "afterSeq": common + 1 })).await;
    assert_eq!(error_of(&beyond), ("TIMELINE_CHANGED", &json!(common)));
    // Reads before the break may have shown lost states: such a reader gets the error too.
    let early = app.ask(CHANGES, json!({ "after": early })).await;
    assert_eq!(error_of(&early), ("TIMELINE_CHANGED", &json!(common)));
    let now =
        app.data(CHANGES, json!({ "afterSeq": common })).await["changes"]["pageInfo"]["endCursor"].take();
    assert_eq!(app.data(CHANGES, json!({ "after": now })).await["changes"]["seq"], common);

    // The lost sequence number is used by another change: the old cursor is not valid for it.
    app.organization("new", "New school").await;
    app.organization("newer", "Newer school").await;
    let lost = app.ask(CHANGES, json!({ "after": late })).await;
    assert_eq!(error_of(&lost), ("TIMELINE_CHANGED", &json!(common)));
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })));
}

#[tokio::test]
async fn nothing_is_written_on_top_of_another_log() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let saved = AsOf::keep(&app).await;
    app.organization("lost", "Lost").await;
    saved.bring_back().await;
    let error = app.registry.write(&Actor::Operator, |_| Ok(())).await.expect_err("another log");
    assert!(error.is::<TimelineFault>(), "{error:#}");
    let rows = json!({ "rows": [{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": "2026-01-01", "views": 1 }] });
    let submit =
        "mutation($input: StatisticsSubmitInput!) { statisticsSubmit(input: $input) { results { status } } }";
    let body = json!({ "query": submit, "variables": { "input": rows } });
    let answer = app.post("/graphql", Some(&key), &body).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
}

#[tokio::test]
async fn replicas_agree_on_the_name_of_the_new_history() {
    let app = TestApp::start().await;
    let behind = Registry::open(app.database.connect().await).await.expect("it opens");
    app.organization("kept", "Kept").await;
    let saved = AsOf::keep(&app).await;
    let ahead = Registry::open(app.database.connect().await).await.expect("it opens");
    app.organization("lost", "Lost").await;
    saved.bring_back().await;
    let following = [app.registry.follow(), ahead.follow(), behind.follow()];
    wait_for_reload(&app.registry).await;
    let epoch = app.registry.snapshot().timeline().epoch.clone();
    assert_eq!(epoch.len(), 32);
    for replica in [&ahead, &behind] {
        let waiting = async {
            while replica.snapshot().timeline().epoch != epoch {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the replica has the new name");
    }
    assert_eq!(behind.snapshot().timeline().generation, 0, "it has lost nothing");
    assert_eq!(breaks(&app.registry.database().read).await.expect("breaks").len(), 1);
    following.iter().for_each(|task| task.abort());
}

#[tokio::test]
async fn a_follower_of_the_feed_learns_where_its_history_was_lost() {
    let app = TestApp::start().await;
    let _following = app.registry.follow();
    let key = app.key("partner", Scope::Read).await;
    let saved = AsOf::keep(&app).await;
    let common = app.registry.snapshot().seq();
    let served = serve(&app, api::server::Connections::default()).await;
    let mut socket = Socket::begin(&served, &key).await;
    socket.subscribe("1", "subscription { changes { seq } }", json!({})).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    app.organization("lost", "Lost").await;
    assert_eq!(socket.next("1").await["changes"]["seq"], common + 1);
    saved.bring_back().await;
    let code = socket.error("1").await;
    assert_eq!(code, "TIMELINE_CHANGED");
}

#[tokio::test]
async fn a_file_that_is_replaced_under_a_server_is_not_written_to() {
    let app = TestApp::start().await;
    let Some(file) = app.database.url.strip_prefix("sqlite://") else { return };
    let file = std::path::PathBuf::from(file.split('?').next().unwrap_or_default());
    let school = app.organization("school", "School").await;
    super::statistics::old_page(&app, school, "vk", "1").await;
    let key = app.key("all", registry::model::Scope::Statistics).await;
    let away = file.with_extension("away");
    std::fs::rename(&file, &away).expect("the file is put away");
    for is_there in [false, true] {
        if is_there {
            std::fs::copy(&away, &file).expect("another file");
        }
        let body = format!("platformCode,nativeId,day,views\nvk,1,{},7\n", super::statistics::day(1));
        let request = axum::http::Request::post("/statistics")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "text/csv")
            .body(body.into());
        let rejected = app.send(request.expect("a request")).await;
        assert_eq!((rejected.status.as_u16(), rejected.code().as_str()), (503, "UNAVAILABLE"));
        assert!(!rejected.header("retry-after").is_empty());
    }
    std::fs::rename(&away, &file).expect("the file is back");
    app.organization("another", "Another").await;
}

#[tokio::test]
async fn a_database_that_went_back_twice_keeps_its_name_from_being_the_first_one_again() {
    let app = TestApp::start().await;
    let _following = app.registry.follow();
    app.organization("kept", "Kept").await;
    let early = cursor(&app).await;
    let saved = AsOf::keep(&app).await;
    app.organization("lost", "Lost").await;
    let ask = json!({ "query": "{ institutions { nodes { code } } }" });
    app.post("/public/graphql", None, &ask).await;
    let generation = |at: u32| {
        let registry = app.registry.clone();
        async move {
            let waiting = async {
                while registry.snapshot().timeline().generation < at || registry.is_reloading() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(PATIENCE, waiting).await.expect("the registry is reloaded");
        }
    };
    saved.bring_back().await;
    generation(1).await;
    let first = app.registry.snapshot().timeline().epoch.clone();
    // The same state again: it has all that was served, but not the record of the break.
    saved.bring_back().await;
    generation(2).await;
    let second = app.registry.snapshot().timeline().epoch.clone();
    assert!(second.len() == 32 && second != first, "{first} {second}");
    assert_eq!(breaks(&app.registry.database().read).await.expect("breaks").len(), 1);
    app.organization("next", "Next").await;
    let current = app.post("/public/graphql", None, &ask).await.json();
    assert_eq!(current["data"]["institutions"]["nodes"], json!([{ "code": "kept" }, { "code": "next" }]));
    let early = app.ask(CHANGES, json!({ "after": early })).await;
    assert_eq!(error_of(&early).0, "TIMELINE_CHANGED", "it has read another history by then");
}
