//! Ratings: ranks with ties, and changes since the previous one.

use chrono::{TimeZone, Utc};
use registry::model::Scope;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{harness::TestApp, statistics::submit};

pub const BOARD: &str = "query($metric: StatisticsMetric!, $kind: LeaderboardKind!, $first: Int!, $after: String, $filter: PageFilter, $to: Date! = \"2026-02-28\") {
    leaderboard(metric: $metric, kind: $kind, first: $first, after: $after, filter: $filter, period: { from: \"2026-02-01\", to: $to }) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { rank value formerRank change subject { ... on Page { nativeId } ... on Institution { code } ... on Territory { code } } }
    }
}";

/// Four pages of two schools in two regions, with statistics of two months.
pub async fn four_pages() -> TestApp {
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
    let row = |page: &str, day: &str, subscribers: i64, views: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day, "subscribers": subscribers, "views": views });
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
async fn only_regions_are_ranked_by_the_ratio_to_their_population() {
    let app = four_pages().await;
    for kind in ["PAGE", "ORGANIZATION", "AUTHORITY", "INSTITUTION", "REGION"] {
        let variables = json!({ "metric": "AUDIENCE_TO_POPULATION", "kind": kind, "first": 10 });
        let answer = app.ask(BOARD, variables).await;
        if kind == "REGION" {
            assert!(answer.get("errors").is_none(), "{answer}");
        } else {
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{kind}: {answer}");
            assert!(error["message"].as_str().is_some_and(|text| text.contains("REGION")), "{error}");
        }
    }
}

#[tokio::test]
async fn equal_values_share_a_rank_and_every_entry_has_its_former_rank() {
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

const RATING: &str = "query($methodology: String!, $first: Int! = 10, $after: String, $recomputed: Boolean! = false) {
    rating(methodologyCode: $methodology, recomputed: $recomputed, period: { from: \"2026-02-01\", to: \"2026-02-28\" }) {
        from to methodology { code }
        entries(first: $first, after: $after) {
            totalCount pageInfo { hasNextPage endCursor }
            nodes { rank score components { metric value share } subject { ... on Page { nativeId } ... on Authority { code } } }
        }
    }
}";

/// Three regional bodies with a page and statistics each; two of the pages belong to offices.
pub async fn three_bodies() -> TestApp {
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
            "page": { "native": { "platformCode": "vk", "nativeId": number.to_string() } }, "day": "2026-02-10",
            "subscribers": 1_000, "views": 100 * number, "posts": 2, "reactions": 40 * number,
        });
        if number < 3 {
            row["messagesReceived"] = json!(10);
            row["messagesAnswered"] = json!(4 + number);
        }
        rows.push(row);
    }
    submit(&app, &key, json!(rows)).await;
    app
}

#[tokio::test]
async fn a_rating_lists_the_components_of_each_score() {
    let app = three_bodies().await;
    let ask = async |methodology: &str| {
        app.data(RATING, json!({ "methodology": methodology })).await["rating"].take()
    };
    insta::assert_json_snapshot!("rating of regional bodies", ask("open-regional-body-1").await);
    insta::assert_json_snapshot!("rating of office holders' pages", ask("office-page-1").await);
    assert_eq!(ask("tiktok-page-1").await["entries"]["totalCount"], 0);
    let unknown = app.ask(RATING, json!({ "methodology": "none" })).await;
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

const PUBLISH: &str =
    "mutation($methodology: String!, $from: Date! = \"2026-02-01\", $to: Date! = \"2026-02-28\") {
    ratingPublish(input: { methodologyCode: $methodology, period: { from: $from, to: $to } }) {
        rating { publishedAt digest entries(first: 1) { totalCount nodes { rank } } } userErrors { code field }
    }
}";

pub async fn publish(app: &TestApp, key: &str, variables: Value) -> Value {
    let body = json!({ "query": PUBLISH, "variables": variables });
    app.post("/graphql", Some(key), &body).await.json()
}

#[tokio::test]
async fn a_published_rating_stays_as_it_was_whatever_becomes_of_the_figures() {
    let app = three_bodies().await;
    let ask = async |recomputed: bool| {
        let variables = json!({ "methodology": "open-regional-body-1", "recomputed": recomputed });
        app.data(RATING, variables).await["rating"]["entries"]["nodes"].take()
    };
    let before = ask(false).await;
    let operator = app.key("operator", Scope::Ratings).await;
    let published = publish(&app, &operator, json!({ "methodology": "open-regional-body-1" })).await;
    let seq = app.registry.snapshot().seq() - 20;
    let rating = &published["data"]["ratingPublish"]["rating"];
    assert_eq!(rating["entries"], json!({ "totalCount": 3, "nodes": [{ "rank": 1 }] }), "{published}");
    assert_eq!(ask(false).await, before);
    let sender = app.key("sender", Scope::Statistics).await;
    let row = json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": "2026-02-11", "subscribers": 9_000, "views": 99_000, "reactions": 5_000 });
    submit(&app, &sender, json!([row])).await;
    assert_eq!(ask(false).await, before);
    assert_ne!(ask(true).await, before);
    let list = "query($after: String) { publishedRatings(first: 1, after: $after) { totalCount pageInfo { hasNextPage }
        nodes { publishedAt digest methodology { code } entries(first: 2) { nodes { rank } } } } }";
    let listed = app.data(list, json!({})).await;
    assert_eq!(listed["publishedRatings"]["nodes"][0]["digest"], rating["digest"]);
    assert_eq!(listed["publishedRatings"]["nodes"][0]["methodology"]["code"], "open-regional-body-1");
    let ask = "query($seq: SafeInt!) { changes(afterSeq: $seq, filter: { kinds: [CREATED] }, first: 500) { nodes { subjectType kind } } }";
    let changes = app.data(ask, json!({ "seq": seq })).await;
    let ratings = changes["changes"]["nodes"].as_array().expect("changes").iter();
    assert_eq!(ratings.filter(|change| change["subjectType"] == "RATING").count(), 1);
}

#[tokio::test]
async fn a_published_rating_is_read_window_by_window_and_lists_subjects_that_are_gone() {
    let app = three_bodies().await;
    let operator = app.key("operator", Scope::Ratings).await;
    publish(&app, &operator, json!({ "methodology": "open-regional-body-1" })).await;
    let ask = async |first: i32, after: Value| {
        let variables = json!({ "methodology": "open-regional-body-1", "first": first, "after": after });
        app.ask(RATING, variables).await
    };
    let whole = ask(3, Value::Null).await["data"]["rating"]["entries"]["nodes"].take();
    let mut read = Vec::new();
    let mut after = Value::Null;
    loop {
        let window = ask(1, after).await["data"]["rating"]["entries"].take();
        read.extend(window["nodes"].as_array().expect("entries").clone());
        after = window["pageInfo"]["endCursor"].clone();
        if window["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(Value::from(read), whole);
    assert_eq!(ask(1, json!("bm9uZQ")).await["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
    assert_eq!(ask(101, Value::Null).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let body = app.registry.snapshot().organization_by_code("body-3").map(|it| it.id).expect("a body");
    app.change_organization(body, |it| it.status = entities::organization::Status::Withdrawn).await;
    let entries = ask(3, Value::Null).await["data"]["rating"]["entries"].take();
    let subjects: Vec<_> =
        entries["nodes"].as_array().expect("entries").iter().map(|it| &it["subject"]).collect();
    assert_eq!(subjects.iter().filter(|subject| subject.is_null()).count(), 1);
    assert_eq!(entries["totalCount"], 3);
}

#[tokio::test]
async fn only_whole_ratings_of_the_past_are_published_once_and_by_those_who_may() {
    let app = three_bodies().await;
    let operator = app.key("operator", Scope::Ratings).await;
    let code = async |variables: Value| {
        let answer = publish(&app, &operator, variables).await;
        answer["data"]["ratingPublish"]["userErrors"][0]["code"].as_str().unwrap_or_default().to_owned()
    };
    let year = format!("{}-12-31", chrono::Datelike::year(&Utc::now()));
    for (variables, expected) in [
        (json!({ "methodology": "none" }), "UNKNOWN_METHODOLOGY"),
        (json!({ "methodology": "open-regional-body-1", "to": "2026-02-27" }), "NOT_WHOLE_MONTHS"),
        (json!({ "methodology": "open-regional-body-1", "to": year }), "NOT_WHOLE_MONTHS"),
        (json!({ "methodology": "open-regional-body-1", "from": "1999-02-01" }), "BEFORE_METHODOLOGY"),
        (json!({ "methodology": "tiktok-page-1" }), "NO_ENTRIES"),
        (json!({ "methodology": "open-regional-body-1" }), ""),
        (json!({ "methodology": "open-regional-body-1" }), "ALREADY_PUBLISHED"),
    ] {
        assert_eq!(code(variables.clone()).await, expected, "{variables}");
    }
    let reader = app.key("reader", Scope::Read).await;
    let rejected = publish(&app, &reader, json!({ "methodology": "open-regional-body-1" })).await;
    assert_eq!(rejected["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn an_altered_place_of_a_published_rating_is_found() {
    let app = three_bodies().await;
    let operator = app.key("operator", Scope::Ratings).await;
    publish(&app, &operator, json!({ "methodology": "open-regional-body-1" })).await;
    assert_eq!(registry::analytics::altered(&app.registry).await.expect("a verdict"), Vec::<i64>::new());
    let sql = "UPDATE rating_entry SET score = score + 1 WHERE position = 1";
    app.registry.database().read.execute_unprepared(sql).await.expect("the change behind the back");
    assert_eq!(registry::analytics::altered(&app.registry).await.expect("a verdict"), [1]);
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
        // An unknown metric would be missing here, with its weight.
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
