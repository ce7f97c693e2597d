//! Statistics sealed in the log: sums that were altered outside the log are never sealed.

use registry::{
    change_log::{Verdict, verify},
    model::Scope,
};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::{
    harness::{TestApp, behind::intruder},
    statistics::{day, old_page, submit},
};

const SUBMIT: &str =
    "mutation($input: StatisticsSubmitInput!) { statisticsSubmit(input: $input) { results { status } } }";

#[tokio::test]
async fn figures_whose_sums_were_altered_behind_the_log_are_sealed_by_no_honest_load() {
    for sql in ["UPDATE statistics_digest SET days = latest", "DELETE FROM statistics_digest"] {
        let app = TestApp::start().await;
        let key = app.key("sender", Scope::Statistics).await;
        let school = app.organization("school", "School").await;
        old_page(&app, school, "vk", "77").await;
        let row = |ago: u64| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "77" } }, "day": day(ago), "views": 7 }]);
        submit(&app, &key, row(4)).await;
        submit(&app, &key, row(3)).await;
        let seq = app.registry.snapshot().seq();
        intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": row(2) } } });
        let rejected = app.post("/graphql", Some(&key), &body).await;
        assert_eq!(rejected.code(), "INTERNAL", "{sql}");
        assert_eq!(app.registry.snapshot().seq(), seq, "{sql}: nothing was written");
        let rows = entities::page_statistics::Entity::find().all(&app.registry.database().read).await;
        assert_eq!(rows.expect("rows").len(), 2, "{sql}");
    }
}

/// A registry with statistics of one day, last loaded by `sender`.
async fn loaded() -> (TestApp, String) {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "77").await;
    submit(&app, &key, rows(4)).await;
    (app, key)
}

fn rows(ago: u64) -> Value {
    json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "77" } }, "day": day(ago), "views": 7 }])
}

#[tokio::test]
async fn what_loads_rely_on_and_was_altered_behind_the_log_is_sealed_by_none_of_a_server_that_starts() {
    let cases = [
        "UPDATE audience_segment SET level = 'FEDERAL' WHERE grain = 'FULL'",
        "INSERT INTO audience_segment SELECT id + 4, grain, platform_id, region_id, kind, level, branch, sector_id, \
         region_segment_id, class_segment_id, platform_segment_id FROM audience_segment WHERE grain = 'FULL'",
        // A key with other rights, and one that is not in the log.
        "UPDATE client SET platform_id = (SELECT id FROM platform WHERE code = 'vk')",
        "UPDATE client SET id = id + 1",
    ];
    for sql in cases {
        let (mut app, key) = loaded().await;
        let altered = intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        assert!(altered.rows_affected() > 0, "{sql}");
        app.restart().await;
        let seq = app.registry.snapshot().seq();
        let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": rows(3) } } });
        assert_eq!(app.post("/graphql", Some(&key), &body).await.code(), "INTERNAL", "{sql}");
        assert_eq!(app.registry.snapshot().seq(), seq, "{sql}: nothing was written");
    }
}

#[tokio::test]
async fn the_number_of_a_batch_that_was_removed_is_not_given_out_again() {
    let (app, key) = loaded().await;
    let db = intruder(&app).await;
    db.execute_unprepared("DELETE FROM statistics_batch").await.expect("the change behind the back");
    submit(&app, &key, rows(3)).await;
    let batches = entities::statistics_batch::Entity::find().all(&app.registry.database().read).await;
    assert_eq!(batches.expect("batches").iter().map(|batch| batch.id).collect::<Vec<_>>(), [2]);
    let verdict = verify(&app.registry, |_| {}).await.expect("a verdict");
    assert_eq!(verdict, Verdict::Differs { subject: "the batch of figures 1".into() });
}
