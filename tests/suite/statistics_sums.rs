//! Sums and months are those of the daily rows, whatever comes late or twice, and a check reports where they are altered.

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use registry::{model::Scope, statistics};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    statistics::{day, is_sound, old_page, submit},
};

/// Subscribers in the latest statistics, by page.
fn latest_subscribers(app: &TestApp) -> BTreeMap<i64, i64> {
    let snapshot = app.registry.snapshot();
    let pages = snapshot.pages().keys();
    let of_page = |id: &i64| Some((*id, snapshot.figures(*id)?.subscribers?.into()));
    pages.filter_map(of_page).collect()
}

/// Subscribers of the last day that has any, by page.
async fn last_subscribers(app: &TestApp) -> BTreeMap<i64, i64> {
    let rows =
        entities::page_statistics::Entity::find().all(&app.registry.database().read).await.expect("rows");
    let mut rows: Vec<_> =
        rows.into_iter().filter_map(|row| Some((row.page_id, row.day, row.subscribers?))).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(page_id, _, subscribers)| (page_id, subscribers.into())).collect()
}

#[tokio::test]
async fn sums_and_months_stay_those_of_the_facts_whatever_comes_late_or_twice() {
    use rand::{Rng, SeedableRng};
    let app = TestApp::start().await;
    let mut pages = Vec::new();
    for (number, territory) in ["ru-28", "ru-77", "ru-02"].into_iter().enumerate() {
        let owner = app.organization(&format!("school-{number}"), "School").await;
        let territory = app.registry.snapshot().territory_by_code(territory).map(|it| it.id);
        app.change_organization(owner, move |it| it.territory_id = territory).await;
        for platform in ["vk", "ok", "telegram"] {
            let id = app.page(owner, platform, &format!("channel_{number}")).await;
            app.change_page(id, |page, _| page.created_at = Utc.timestamp_opt(0, 0).unwrap()).await;
            pages.push(async_graphql_id(id));
        }
    }
    let key = app.key("all", Scope::Statistics).await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    for round in 0..12 {
        if round == 6 {
            let moved = app.registry.snapshot().territory_by_code("ru-54").map(|it| it.id);
            app.change_organization(1, move |it| it.territory_id = moved).await;
        }
        let rows: Vec<Value> = (0..80)
            .map(|_| {
                let page = &pages[random.random_range(0..pages.len())];
                let mut row = json!({ "page": { "id": page }, "day": day(random.random_range(0..70)) });
                for metric in ["subscribers", "views", "posts", "messagesReceived", "shorts"] {
                    if random.random_bool(0.6) {
                        row[metric] = json!(random.random_range(0..100_000));
                    }
                }
                row
            })
            .collect();
        submit(&app, &key, json!(rows)).await;
        is_sound(&app).await;
        assert_eq!(latest_subscribers(&app), last_subscribers(&app).await, "in round {round}");
    }
}

fn async_graphql_id(id: i64) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(format!("Page:{id}"))
}

#[tokio::test]
async fn a_check_reports_where_sums_were_altered() {
    use sea_orm::ConnectionTrait;
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    submit(
        &app,
        &key,
        json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "views": 10, "subscribers": 5 }]),
    )
    .await;
    is_sound(&app).await;
    let database = app.registry.database();
    let alter = async |sql: &str| {
        database.read.execute_unprepared(sql).await.expect("the table is altered");
        statistics::check(database, app.registry.snapshot(), |_| ()).await.expect("a check").faults.len()
    };
    assert_eq!(
        alter("UPDATE page_statistics SET views = 11").await,
        3,
        "neither the sums nor the month nor the seal are theirs"
    );
    assert_eq!(alter("UPDATE audience_rollup SET views = 11").await, 2, "the month and the seal are not");
    assert_eq!(alter("UPDATE page_statistics SET views = 10").await, 1, "the sums are not");
    assert_eq!(alter("UPDATE audience_rollup SET views = 10").await, 0);
    assert_eq!(
        alter("UPDATE audience_rollup SET views = 9 WHERE segment_id = 1").await,
        1,
        "a coarser sum is not"
    );
}
