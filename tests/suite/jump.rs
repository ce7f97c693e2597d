//! Jumps: marked on ingest, updated by corrections, and listed.

use registry::change_log::Actor;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    statistics::{day, is_sound, old_page, statuses, submit},
};

async fn number_of_jumps(app: &TestApp) -> u64 {
    let ask = "query($period: DateRange!) { statisticsJumps(period: $period) { totalCount } }";
    let answer = app.data(ask, json!({ "period": { "from": day(30), "to": day(0) } })).await;
    answer["statisticsJumps"]["totalCount"].as_u64().expect("a count")
}

/// A registry with the pages 1 and 2, and a key to submit their statistics.
async fn with_two_pages() -> (TestApp, String) {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for native_id in ["1", "2"] {
        old_page(&app, school, "vk", native_id).await;
    }
    let key = app.key("all", Scope::Statistics).await;
    (app, key)
}

#[tokio::test]
async fn a_jump_from_a_number_that_came_with_the_page_is_listed_without_it() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let id = old_page(&app, school, "vk", "1").await;
    let latest = registry::model::Figures {
        subscribers: Some(5),
        last_post_at: None,
        recorded_at: day(2).and_hms_opt(0, 0, 0).expect("midnight").and_utc(),
        seq: 0,
    };
    let written =
        app.registry.write(&Actor::Operator, move |change_set| Ok(change_set.put_figures(id, latest)));
    assert!(written.await.expect("the figures are written"));
    let key = app.key("all", Scope::Statistics).await;
    let row = json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 500 });
    assert_eq!(statuses(&submit(&app, &key, json!([row])).await), ["STORED JUMP"]);
    let ask =
        "query($period: DateRange!) { statisticsJumps(period: $period) { nodes { before subscribers } } }";
    let answer = app.data(ask, json!({ "period": { "from": day(30), "to": day(0) } })).await;
    assert_eq!(answer["statisticsJumps"]["nodes"], json!([{ "before": null, "subscribers": 500 }]));
}

#[tokio::test]
async fn a_correction_takes_marks_of_jumps_with_it() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |ago, subscribers: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), "subscribers": subscribers });
    let payload = submit(&app, &key, json!([row(9, 5_000), row(1, 100), row(0, 5_000)])).await;
    assert_eq!(
        statuses(&payload),
        ["STORED", "STORED", "STORED JUMP"],
        "more than a week back is not compared"
    );
    let late = submit(&app, &key, json!([row(2, 5_100)])).await;
    assert_eq!(statuses(&late), ["STORED"], "no figure of the week before it");
    assert_eq!(
        number_of_jumps(&app).await,
        2,
        "what follows it became one, and the one after that stays one"
    );
    let corrected = submit(&app, &key, json!([row(1, 5_050)])).await;
    assert_eq!(statuses(&corrected), ["REPLACED"]);
    assert_eq!(number_of_jumps(&app).await, 0, "marks of figures that were written earlier are taken away");
    let second = submit(&app, &key, json!([row(0, 5_001)])).await;
    assert_eq!(statuses(&second), ["REPLACED"], "what follows is no jump any more");
    is_sound(&app).await;
}

#[tokio::test]
async fn a_jump_stays_one_whatever_comes_days_after_it() {
    let (app, key) = with_two_pages().await;
    let row = |page: &str, ago, subscribers: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day(ago), "subscribers": subscribers });
    submit(
        &app,
        &key,
        json!([row("1", 16, 100), row("1", 15, 100_000), row("1", 9, 100_000), row("2", 2, 5)]),
    )
    .await;
    assert_eq!(number_of_jumps(&app).await, 1);
    for late in [
        json!([row("1", 8, 100_000)]),
        json!([row("2", 8, 5), row("1", 7, 100_000)]),
        json!([row("1", 8, 99_999)]),
    ] {
        submit(&app, &key, late).await;
        assert_eq!(number_of_jumps(&app).await, 1);
    }
    is_sound(&app).await;
}

#[tokio::test]
async fn subscribers_are_compared_with_the_day_that_they_are_of_however_rows_are_sent() {
    for together in [true, false] {
        let app = TestApp::start().await;
        let school = app.organization("school-1", "School No. 1").await;
        old_page(&app, school, "vk", "1").await;
        let key = app.key("all", Scope::Statistics).await;
        let of = |ago, name: &str, number: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), name: number });
        let rows = [of(15, "subscribers", 10), of(2, "views", 7), of(1, "subscribers", 5_000)];
        if together {
            submit(&app, &key, json!(rows)).await;
        } else {
            for row in rows {
                submit(&app, &key, json!([row])).await;
            }
        }
        assert_eq!(number_of_jumps(&app).await, 0, "the number before is two weeks old");
        is_sound(&app).await;
    }
}

#[tokio::test]
async fn a_row_that_is_older_than_what_is_known_leaves_no_trace() {
    const LATEST: &str = "{ page(url: \"https://vk.com/club1\") { statistics { latest { subscribers } } } }";
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |subscribers: i64, at: &str| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(3), "subscribers": subscribers, "recordedAt": at });
    let at = |ago| format!("{}T05:00:00Z", day(ago));
    submit(&app, &key, json!([row(1_000, &at(1))])).await;
    let seq = app.registry.snapshot().seq();
    let late = submit(&app, &key, json!([row(7, &at(2))])).await;
    assert_eq!(statuses(&late), ["REJECTED OLDER_THAN_KNOWN"]);
    assert_eq!(app.registry.snapshot().seq(), seq);
    let latest = app.data(LATEST, json!({})).await;
    assert_eq!(latest["page"]["statistics"]["latest"]["subscribers"], 1_000);
}

#[tokio::test]
async fn jumps_are_listed_the_latest_first_with_what_they_are_compared_with() {
    const JUMPS: &str = "query($period: DateRange!, $platform: String, $after: String) {
        statisticsJumps(period: $period, platformCode: $platform, first: 2, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } nodes { page { nativeId } day subscribers before }
        }
    }";
    let (app, key) = with_two_pages().await;
    let row = |page: &str, ago, subscribers: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day(ago), "subscribers": subscribers });
    let rows = json!([
        row("1", 5, 10),
        row("1", 3, 500),
        row("1", 2, 40),
        row("2", 5, 9),
        row("2", 3, 99),
        row("2", 2, 100)
    ]);
    submit(&app, &key, rows).await;
    let ask = async |platform: Option<&str>, after: Value| {
        let period = json!({ "from": day(30), "to": day(0) });
        app.ask(JUMPS, json!({ "period": period, "platform": platform, "after": after })).await["data"]["statisticsJumps"].take()
    };
    let first = ask(None, Value::Null).await;
    let jumps = |answer: &Value| -> Vec<(String, i64, i64)> {
        let nodes = answer["nodes"].as_array().expect("nodes").iter();
        let number = |node: &Value, field: &str| node[field].as_i64().expect("a number");
        nodes
            .map(|node| {
                (node["page"]["nativeId"].to_string(), number(node, "before"), number(node, "subscribers"))
            })
            .collect()
    };
    assert_eq!(first["totalCount"], 3);
    assert_eq!(jumps(&first), [("\"1\"".into(), 500, 40), ("\"1\"".into(), 10, 500)]);
    let rest = ask(Some("vk"), Value::Null).await["pageInfo"]["endCursor"].take();
    assert_eq!(jumps(&ask(Some("vk"), rest).await), [("\"2\"".into(), 9, 99)]);
    assert_eq!(ask(Some("ok"), Value::Null).await["totalCount"], 0);
}

#[tokio::test]
async fn a_mark_does_not_depend_on_the_order_of_loads() {
    let (app, key) = with_two_pages().await;
    let row = |page: &str, ago: u64, of: &str, number: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day(ago), of: number });
    let rows = |page: &str| {
        [
            row(page, 9, "subscribers", 100),
            row(page, 8, "views", 5),
            row(page, 9, "subscribers", 10_000),
            row(page, 7, "subscribers", 500),
        ]
    };
    for one in rows("1") {
        submit(&app, &key, json!([one])).await;
    }
    assert_eq!(number_of_jumps(&app).await, 1);
    submit(&app, &key, json!(rows("2"))).await;
    assert_eq!(number_of_jumps(&app).await, 2);
    is_sound(&app).await;
}

#[tokio::test]
async fn a_jump_from_an_imported_number_stays_marked_whatever_else_of_those_days_comes() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let id = old_page(&app, school, "vk", "1").await;
    let latest = registry::model::Figures {
        subscribers: Some(1_000),
        last_post_at: None,
        recorded_at: day(4).and_hms_opt(0, 0, 0).expect("midnight").and_utc(),
        seq: 0,
    };
    let written =
        app.registry.write(&Actor::Operator, move |change_set| Ok(change_set.put_figures(id, latest)));
    assert!(written.await.expect("the figures are written"));
    let key = app.key("all", Scope::Statistics).await;
    let row = |ago: u64, of: &str, number: i64| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), of: number }]);
    submit(&app, &key, row(2, "subscribers", 1)).await;
    for (ago, of) in [(2, "views"), (3, "views"), (1, "posts")] {
        submit(&app, &key, row(ago, of, 7)).await;
        assert_eq!(number_of_jumps(&app).await, 1, "after {of} of {ago} days ago");
    }
    submit(&app, &key, row(3, "subscribers", 2)).await;
    assert_eq!(number_of_jumps(&app).await, 0, "there is a day to compare with: 2 to 1 is none");
    is_sound(&app).await;
}
