//! What the log seals of figures: sums that were altered behind it are sealed by nobody.

use api::snapshot::Scope;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

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
        let row = |ago: u64| json!([{ "platform": "vk", "nativeId": "77", "day": day(ago), "views": 7 }]);
        submit(&app, &key, row(4)).await;
        submit(&app, &key, row(3)).await;
        let seq = app.registry.snapshot().seq();
        intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": row(2) } } });
        let refused = app.post("/graphql", Some(&key), &body).await;
        assert_eq!(refused.code(), "INTERNAL", "{sql}");
        assert_eq!(app.registry.snapshot().seq(), seq, "{sql}: nothing was written");
        let facts = entities::page_statistics::Entity::find().all(&app.registry.database().read).await;
        assert_eq!(facts.expect("facts").len(), 2, "{sql}");
    }
}

#[tokio::test]
async fn segments_that_were_altered_behind_the_log_are_sealed_by_no_load_of_a_server_that_starts() {
    let mut app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "77").await;
    let row = |ago: u64| json!([{ "platform": "vk", "nativeId": "77", "day": day(ago), "views": 7 }]);
    submit(&app, &key, row(4)).await;
    let sql = "UPDATE audience_segment SET level = 'FEDERAL' WHERE grain = 'FULL'";
    let altered = intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
    assert!(altered.rows_affected() > 0);
    app.restart().await;
    let seq = app.registry.snapshot().seq();
    let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": row(3) } } });
    assert_eq!(app.post("/graphql", Some(&key), &body).await.code(), "INTERNAL");
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
}
