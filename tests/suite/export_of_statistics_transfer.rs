//! Transfers of files of statistics: errors, validators, costs, and what is hidden.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use registry::model::Scope;
use serde_json::json;

use super::{
    export_of_statistics::{PERIOD, lines, text, with_a_rating},
    rating::four_pages,
    statistics::submit,
};

#[tokio::test]
async fn what_the_api_refuses_is_refused_with_the_same_code_in_the_format_of_the_file() {
    let app = with_a_rating().await;
    for file in [
        format!("audience.FORM?{PERIOD}"),
        format!("audience.FORM?metric=HAPPINESS&{PERIOD}"),
        "audience.FORM?metric=VIEWS&to=2026-02-28".to_owned(),
        "audience.FORM?metric=VIEWS&from=2026-02-31".to_owned(),
        "audience.FORM?metric=VIEWS&from=2026-02-02&to=2026-02-28".to_owned(),
        "audience.FORM?metric=VIEWS&from=2026-02-28&to=2026-02-01".to_owned(),
        "audience.FORM?metric=VIEWS&groupBy=DAY&from=2024-01-01&to=2026-01-31".to_owned(),
        "audience.FORM?metric=VIEWS&groupBy=DAY&from=%2B12026-01-01&to=%2B12026-01-02".to_owned(),
        format!("audience.FORM?metric=VIEWS&groupBy=DAY&aggregation=MEDIAN&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&groupBy=KIND,KIND&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&groupBy=TERRITORY,PLATFORM,KIND,LEVEL&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&groupBy=WIDGET&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&territoryKind=SETTLEMENT&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&orderBy=VALUE&{PERIOD}"),
        format!("audience.FORM?metric=VIEWS&filter=%7B%22platforms%22%3A%5B%22nowhere%22%5D%7D&{PERIOD}"),
        format!("leaderboard.FORM?{PERIOD}"),
        format!("leaderboard.FORM?metric=VIEWS&kind=MOON&{PERIOD}"),
        format!("leaderboard.FORM?metric=VIEWS&groupBy=KIND&{PERIOD}"),
        "leaderboard.FORM?metric=VIEWS&from=2026-02-01&to=2026-02-27".to_owned(),
        "leaderboard.FORM?metric=VIEWS&metric=POSTS&from=2026-02-01".to_owned(),
        "rating.FORM".to_owned(),
        "rating.FORM?methodologyCode=none".to_owned(),
        "rating.FORM?methodologyCode=tiktok-page-1".to_owned(),
        "rating.FORM?methodologyCode=open-regional-body-1&from=2026-01-01&to=2026-01-31".to_owned(),
        "rating.FORM?methodologyCode=open-regional-body-1&to=2026-02-28".to_owned(),
        format!("rating.FORM?methodologyCode=open-regional-body-1&recomputed=true&{PERIOD}"),
    ] {
        for (form, media_type) in [
            ("csv", "text/plain; charset=utf-8"),
            ("ndjson", "application/x-ndjson"),
            ("parquet", "application/json; charset=utf-8"),
        ] {
            let path = format!("/export/{}", file.replace("FORM", form));
            let answer = app.get(&path, &[]).await;
            assert_eq!(
                (answer.status, &*answer.code()),
                (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
                "{path}"
            );
            assert_eq!(answer.header("content-type"), media_type, "{path}");
            let head = app.send(Request::head(&path).body(Body::empty()).expect("a request")).await;
            assert_eq!(head.status, StatusCode::BAD_REQUEST, "{path}");
        }
    }
}

#[tokio::test]
async fn a_message_speaks_of_the_parameters_of_the_file() {
    let app = four_pages().await;
    for (file, expected) in [
        ("audience.csv?metric=VIEWS&from=2026-02-05", "`from` to `to` must consist of whole months"),
        ("audience.csv?metric=VIEWS&from=2026-02-28&to=2026-02-01", "`to` must not be before `from`."),
        ("leaderboard.csv?metric=VIEWS&from=2026-02-05", "`from` to `to` must consist of whole months"),
        ("rating.csv?methodologyCode=open-regional-body-1", "No rating by this methodology is published;"),
        (
            "rating.csv?methodologyCode=open-regional-body-1&from=2026-01-01&to=2026-01-31",
            "is published for this period;",
        ),
        (
            "leaderboard.csv?metric=AUDIENCE_TO_POPULATION&from=2026-02-01&to=2026-02-28",
            "only for the kind REGION",
        ),
    ] {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(text.starts_with("BAD_USER_INPUT") && text.contains(expected), "{file}: {text}");
        assert!(!text.contains("`period"), "{text}");
    }
}

#[tokio::test]
async fn a_file_of_statistics_is_unchanged_until_statistics_are() {
    let app = four_pages().await;
    let key = app.key("sender", Scope::Statistics).await;
    for (number, path) in [
        format!("/export/leaderboard.csv?metric=VIEWS&{PERIOD}&header=plain"),
        format!("/export/audience.parquet?metric=VIEWS&{PERIOD}"),
    ]
    .iter()
    .enumerate()
    {
        let first = app.get(path, &[]).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\"") && first.header("last-modified").ends_with(" GMT"), "{tag}");
        let again = app.get(path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again.header("registry-cost"), "10");
        let head = app.send(Request::head(path).body(Body::empty()).expect("a request")).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        for header in ["content-type", "content-disposition", "etag", "last-modified", "registry-seq"] {
            assert_eq!(head.header(header), first.header(header), "{path}: {header}");
        }
        assert_eq!(head.header("registry-cost"), "10");
        let row = json!({ "page": { "native": { "platformCode": "vk", "nativeId": "11" } }, "day": "2026-02-11", "views": 7_000 + number });
        submit(&app, &key, json!([row])).await;
        let changed = app.get(path, &[("if-none-match", &tag)]).await;
        assert_eq!(changed.status, StatusCode::OK, "{path}");
        assert!(changed.header("etag") != tag && changed.body != first.body, "{path}");
    }
}

#[tokio::test]
async fn a_file_of_statistics_costs_what_its_field_does_besides() {
    let app = with_a_rating().await;
    for (file, cost) in [
        (format!("leaderboard.csv?metric=VIEWS&{PERIOD}"), "1200"),
        ("rating.csv?methodologyCode=open-regional-body-1".to_owned(), "700"),
        (format!("audience.csv?metric=VIEWS&{PERIOD}"), "550"),
        (format!("audience.csv?metric=VIEWS&groupBy=&{PERIOD}"), "550"),
        (format!("audience.csv?metric=VIEWS&groupBy=KIND&groupBy=LEVEL&{PERIOD}"), "670"),
    ] {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!((answer.status, answer.header("registry-cost")), (StatusCode::OK, cost), "{file}");
    }
    let refused = app.get("/export/leaderboard.csv", &[]).await;
    let cost: u64 = refused.header("registry-cost").parse().expect("a number");
    assert!((10..100).contains(&cost), "{cost}");
}

#[tokio::test]
async fn what_became_hidden_is_in_no_leaderboard_and_without_a_name_in_a_rating() {
    let boards = four_pages().await;
    let query = format!("metric=SUBSCRIBERS&{PERIOD}&header=plain");
    let before = text(&boards, &format!("leaderboard.csv?{query}")).await;
    let page = boards.registry.snapshot().pages().values().next().expect("a page").clone();
    boards.change_page(page.id, |page, _| page.lifecycle = entities::page::Lifecycle::Rejected).await;
    let after = text(&boards, &format!("leaderboard.csv?{query}")).await;
    assert_eq!(after.lines().count(), before.lines().count() - 1);
    let id = registry::global_id::encode("Page", page.id);
    assert!(before.contains(&id) && !after.contains(&id), "{after}");

    let ratings = with_a_rating().await;
    let body = ratings.registry.snapshot().organization_by_code("body-3").map(|it| it.id).expect("a body");
    ratings.change_organization(body, |it| it.status = entities::organization::Status::Withdrawn).await;
    let rows = lines(&ratings, "rating", "methodologyCode=open-regional-body-1").await;
    assert_eq!(rows.len(), 3);
    assert_eq!(rows.iter().filter(|row| row["subject"].is_null()).count(), 1, "{rows:?}");
    assert!(!json!(rows).to_string().contains("body-3"), "{rows:?}");
}
