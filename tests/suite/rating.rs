//! Ratings: places with ties, and what changed since.

use api::snapshot::Scope;
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use super::{harness::TestApp, statistics::submit};

const BOARD: &str = "query($metric: StatisticsMetric!, $kind: LeaderboardKind!, $first: Int!, $after: String, $filter: PageFilter, $to: Date! = \"2026-02-28\") {
    leaderboard(metric: $metric, kind: $kind, first: $first, after: $after, filter: $filter, period: { from: \"2026-02-01\", to: $to }) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { rank value formerRank change subject { ... on Page { nativeId } ... on Institution { code } ... on Territory { code } } }
    }
}";

/// Four pages of two schools in two regions, with figures of two months.
async fn four_pages() -> TestApp {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    for (number, territory) in [(1, "ru-28"), (2, "ru-77")] {
        let territory = app.registry.snapshot().territory_by_code(territory).map(|it| it.id);
        let school = app.organization(&format!("school-{number}"), "School").await;
        app.change_organization(school, move |it| it.territory_id = territory).await;
        for page in 1..=2 {
            let id = app.page(school, "vk", &format!("{number}{page}")).await;
            app.change_page(id, |page, _| page.created_at = Utc.timestamp_opt(0, 0).unwrap()).await;
        }
    }
    let row = |page: &str, day: &str, subscribers: i64, views: i64| json!({ "platform": "vk", "nativeId": page, "day": day, "subscribers": subscribers, "views": views });
    let rows = json!([
        row("11", "2026-01-10", 500, 1),
        row("12", "2026-01-10", 100, 1),
        row("21", "2026-01-10", 300, 1),
        row("11", "2026-02-10", 200, 40),
        row("12", "2026-02-10", 300, 30),
        row("21", "2026-02-10", 300, 20),
        row("22", "2026-02-10", 900, 10),
        row("22", "2026-02-11", 100, 10),
    ]);
    submit(&app, &key, rows).await;
    app
}

#[tokio::test]
async fn equal_values_share_a_place_and_every_place_tells_what_it_was() {
    let app = four_pages().await;
    let ask = async |metric: &str, kind: &str| {
        app.data(BOARD, json!({ "metric": metric, "kind": kind, "first": 10 })).await["leaderboard"].take()
    };
    insta::assert_json_snapshot!("places of pages by subscribers", ask("SUBSCRIBERS", "PAGE").await);
    insta::assert_json_snapshot!("places of institutions by views", ask("VIEWS", "INSTITUTION").await);
    insta::assert_json_snapshot!("places of regions by growth", ask("GROWTH_30D", "REGION").await);
}

#[tokio::test]
async fn a_leaderboard_is_read_window_by_window_and_its_cursors_are_its_own() {
    let app = four_pages().await;
    let ask = async |metric: &str, after: Option<Value>| {
        app.ask(BOARD, json!({ "metric": metric, "kind": "PAGE", "first": 3, "after": after })).await
    };
    let first = ask("SUBSCRIBERS", None).await;
    let info = &first["data"]["leaderboard"]["pageInfo"];
    assert_eq!(info["hasNextPage"], true);
    let rest = ask("SUBSCRIBERS", Some(info["endCursor"].clone())).await;
    assert_eq!(rest["data"]["leaderboard"]["nodes"].as_array().map(Vec::len), Some(1));
    let foreign = ask("VIEWS", Some(info["endCursor"].clone())).await;
    assert_eq!(foreign["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
    let part = json!({ "metric": "VIEWS", "kind": "PAGE", "first": 3, "to": "2026-02-27" });
    assert_eq!(app.ask(BOARD, part).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

const RATING: &str = "query($methodology: String!, $first: Int! = 10, $after: String) {
    rating(methodology: $methodology, first: $first, after: $after, period: { from: \"2026-02-01\", to: \"2026-02-28\" }) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { rank score components { metric value share } subject { ... on Page { nativeId } ... on Authority { code } } }
    }
}";

#[tokio::test]
async fn a_rating_tells_what_each_score_is_made_of() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let mut rows = Vec::new();
    for number in 1..=3 {
        let body = app.organization(&format!("body-{number}"), "Body").await;
        app.change_organization(body, |it| {
            it.kind = entities::organization::Kind::Authority;
            it.level = Some(entities::organization::Level::Regional);
        })
        .await;
        let id = app.page(body, "vk", &number.to_string()).await;
        app.change_page(id, move |page, _| {
            page.created_at = Utc.timestamp_opt(0, 0).unwrap();
            page.office_title = (number < 3).then(|| "Governor".into());
        })
        .await;
        let mut row = json!({
            "platform": "vk", "nativeId": number.to_string(), "day": "2026-02-10",
            "subscribers": 1_000, "views": 100 * number, "posts": 2, "reactions": 40 * number,
        });
        if number < 3 {
            row["messagesReceived"] = json!(10);
            row["messagesAnswered"] = json!(4 + number);
        }
        rows.push(row);
    }
    submit(&app, &key, json!(rows)).await;
    let ask = async |methodology: &str| {
        app.data(RATING, json!({ "methodology": methodology })).await["rating"].take()
    };
    insta::assert_json_snapshot!("rating of regional bodies", ask("open-regional-body-1").await);
    insta::assert_json_snapshot!("rating of office holders' pages", ask("office-page-1").await);
    assert_eq!(ask("tiktok-page-1").await["totalCount"], 0);
    let unknown = app.ask(RATING, json!({ "methodology": "none" })).await;
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn methods_that_come_with_a_pack_are_whole_and_indicators_have_sources() {
    let app = TestApp::start().await;
    let answer = app
        .data(
            "{ methodologies { code version formula components { metric weight } }
               indicators { code unit figures { from value source } } }",
            json!({}),
        )
        .await;
    let methods = answer["methodologies"].as_array().expect("methods");
    assert!(methods.len() >= 5);
    for method in methods {
        let components = method["components"].as_array().expect("components").iter();
        let weight: f64 = components.map(|component| component["weight"].as_f64().expect("a weight")).sum();
        // A metric that there is not would be missing here, and its weight with it.
        assert!((weight - 1.0).abs() < 1e-9, "{method}");
    }
    for indicator in answer["indicators"].as_array().expect("indicators") {
        for figure in indicator["figures"].as_array().expect("figures") {
            assert!(figure["source"].as_str().is_some_and(|source| !source.is_empty()), "{indicator}");
        }
    }
    let of_2020 = app
        .data(
            "{ indicators(codes: [\"messages-share-through-pages\"], period: { from: \"2020-06-01\", to: \"2021-01-01\" }) { name(language: \"en\") figures { value } } }",
            json!({}),
        )
        .await;
    assert_eq!(of_2020["indicators"][0]["figures"], json!([{ "value": 0.05 }]));
}
