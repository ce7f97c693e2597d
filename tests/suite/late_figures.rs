//! Late and corrected statistics: the result is the same in any order.

use chrono::NaiveDate;
use registry::change_log::Actor;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    statistics::{day, is_sound, old_page, statuses, submit},
};

#[tokio::test]
async fn a_day_before_all_platforms_is_rejected_however_old_the_page() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    let page = app.page(school, "vk", "1").await;
    app.change_page(page, |page, _| page.valid_from = NaiveDate::from_ymd_opt(1960, 1, 10)).await;
    let row = |day: &str| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day, "subscribers": 5 });
    let payload = submit(&app, &key, json!([row("1965-05-05"), row("1989-12-31"), row("1990-01-01")])).await;
    let rejected = "REJECTED TIME_OUT_OF_RANGE";
    assert_eq!(statuses(&payload), [rejected, rejected, "STORED"]);
    is_sound(&app).await;
}

/// The latest subscribers of the page 1 on VK.
async fn latest(app: &TestApp) -> Value {
    let ask = "{ pages(first: 1) { nodes { statistics { latest { subscribers } } } } }";
    app.data(ask, json!({})).await["pages"]["nodes"][0]["statistics"]["latest"]["subscribers"].take()
}

#[tokio::test]
async fn latest_subscribers_are_those_of_the_last_day_that_has_any_however_they_come() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let row = |ago: u64, of: &str, number: i64| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), of: number }]);
    for (ago, of, number, then) in [
        (20, "views", 5, Value::Null),
        // Late, and more than a week before.
        (30, "subscribers", 50, json!(50)),
        (25, "subscribers", 100, json!(100)),
        // Later than the latest statistics, without subscribers.
        (9, "views", 5, json!(100)),
        (25, "subscribers", 7, json!(7)),
        (30, "subscribers", 60, json!(7)),
        (10, "subscribers", 9, json!(9)),
        (8, "subscribers", 11, json!(11)),
        (10, "subscribers", 12, json!(11)),
    ] {
        submit(&app, &key, row(ago, of, number)).await;
        assert_eq!(latest(&app).await, then, "{of} of {ago} days ago");
    }
    is_sound(&app).await;
}

#[tokio::test]
async fn subscribers_that_an_import_brought_stay_the_latest_when_older_days_come() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    let page = old_page(&app, school, "vk", "1").await;
    let imported = registry::model::Figures {
        subscribers: Some(1_000),
        last_post_at: None,
        recorded_at: day(2).and_hms_opt(9, 0, 0).expect("a timestamp").and_utc(),
        seq: 0,
    };
    let put =
        app.registry.write(&Actor::Operator, move |change_set| Ok(change_set.put_figures(page, imported)));
    assert!(put.await.expect("the figures are put"));
    let row = |ago: u64, of: &str, number: i64| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), of: number }]);
    submit(&app, &key, row(1, "views", 5)).await;
    submit(&app, &key, row(5, "subscribers", 900)).await;
    submit(&app, &key, row(5, "subscribers", 901)).await;
    assert_eq!(latest(&app).await, 1_000);
}

#[tokio::test]
async fn a_correction_leaves_figures_where_the_page_was_counted_on_that_day() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    let territory = |code: &str| app.registry.snapshot().territory_by_code(code).map(|it| it.id);
    let (amur, moscow) = (territory("ru-28"), territory("ru-77"));
    app.change_organization(school, move |it| it.territory_id = amur).await;
    old_page(&app, school, "vk", "1").await;
    let row = |of: &str, number: i64| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(3), of: number }]);
    submit(&app, &key, row("subscribers", 777)).await;
    app.change_organization(school, move |it| it.territory_id = moscow).await;
    submit(&app, &key, row("posts", 1)).await;
    let ask = "query($period: DateRange!) { audience(metric: SUBSCRIBERS, groupBy: [TERRITORY, DAY], period: $period) {
        groups { keys { code } value }
    } }";
    let audience = app.data(ask, json!({ "period": { "from": day(3), "to": day(3) } })).await;
    assert_eq!(audience["audience"]["groups"], json!([{ "keys": [{ "code": "ru-28" }], "value": 777.0 }]));
    is_sound(&app).await;
}

#[tokio::test]
async fn a_last_post_alone_is_known_of_the_page_and_makes_no_row() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let row = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "lastPostAt": format!("{}T10:00:00Z", day(2)) }]);
    assert_eq!(statuses(&submit(&app, &key, row.clone()).await), ["STORED"]);
    assert_eq!(statuses(&submit(&app, &key, row).await), ["DUPLICATE"]);
    let file =
        app.file(&format!("/export/statistics.csv?from={}&to={}", day(3), day(0))).await.expect("a file");
    let file = String::from_utf8_lossy(&file);
    assert!(!file.contains(",vk,"), "{file}");
    is_sound(&app).await;
}

#[tokio::test]
async fn a_last_post_without_a_row_moves_neither_the_latest_subscribers_nor_marks_of_jumps() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let row = |ago: u64, of: &str, value: Value, hour: u32| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), of: value, "recordedAt": format!("{}T{hour:02}:00:00Z", day(ago)) }]);
    let post = || json!(format!("{}T10:00:00Z", day(20)));
    submit(&app, &key, row(12, "subscribers", json!(100), 10)).await;
    submit(&app, &key, row(4, "lastPostAt", post(), 20)).await;
    submit(&app, &key, row(4, "subscribers", json!(150), 10)).await;
    assert_eq!(latest(&app).await, 150);
    submit(&app, &key, row(3, "lastPostAt", post(), 20)).await;
    // Nine days after the last number there is nothing to compare with.
    let later = row(12 - 9 - 1, "subscribers", json!(1), 10);
    assert_eq!(statuses(&submit(&app, &key, later).await), ["STORED JUMP"], "two days after 150");
    let other = old_page(&app, school, "vk", "2").await;
    let of_other = |rows: Value| {
        let mut rows = rows;
        rows[0]["page"] = json!({ "id": registry::global_id::encode("Page", other) });
        rows
    };
    submit(&app, &key, of_other(row(12, "subscribers", json!(100), 10))).await;
    submit(&app, &key, of_other(row(4, "lastPostAt", post(), 20))).await;
    let later = of_other(row(3, "subscribers", json!(5_000), 10));
    assert_eq!(statuses(&submit(&app, &key, later).await), ["STORED"], "nine days after the last number");
    is_sound(&app).await;
}
