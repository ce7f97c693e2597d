//! Aggregates, leaderboards and ratings as files: those of the API, in each format.

use axum::http::StatusCode;
use chrono::NaiveDate;
use registry::{
    analytics::{
        StatisticsMetric, rating_entry,
        score::{Part, Scored},
    },
    change_log::Actor,
    model::{Rating, Scope},
};
use serde_json::{Value, json};

use super::{
    export_statistics::{rows_of_csv, rows_of_parquet},
    harness::TestApp,
    rating::{BOARD, four_pages, publish, three_bodies},
};

pub const PERIOD: &str = "from=2026-02-01&to=2026-02-28";

pub async fn text(app: &TestApp, file: &str) -> String {
    let answer = app.get(&format!("/export/{file}"), &[]).await;
    let text = String::from_utf8(answer.body).expect("UTF-8");
    assert_eq!(answer.status, StatusCode::OK, "{file}: {text}");
    text
}

/// Objects of a file in NDJSON.
pub async fn lines(app: &TestApp, list: &str, query: &str) -> Vec<Value> {
    let text = text(app, &format!("{list}.ndjson?{query}")).await;
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Three bodies whose rating is published.
pub async fn with_a_rating() -> TestApp {
    let app = three_bodies().await;
    let key = app.key("operator", Scope::Ratings).await;
    let published = publish(&app, &key, json!({ "methodology": "open-regional-body-1" })).await;
    assert_eq!(published["data"]["ratingPublish"]["userErrors"], json!([]), "{published}");
    app
}

#[tokio::test]
async fn a_leaderboard_as_a_file_is_that_of_the_api() {
    let app = four_pages().await;
    for (metric, kind) in
        [("SUBSCRIBERS", "PAGE"), ("VIEWS", "INSTITUTION"), ("GROWTH_30D", "REGION"), ("VIEWS", "AUTHORITY")]
    {
        let query = format!("metric={metric}&kind={kind}&{PERIOD}");
        let board = app.data(BOARD, json!({ "metric": metric, "kind": kind, "first": 10 })).await;
        let expected = board["leaderboard"]["nodes"].as_array().expect("places").clone();
        let rows = lines(&app, "leaderboard", &query).await;
        assert_eq!(rows.len(), expected.len(), "{query}");
        for (row, place) in rows.iter().zip(&expected) {
            for field in ["rank", "formerRank", "change"] {
                assert_eq!(row[field], place[field], "{query}: {field}");
            }
            assert_eq!(row["value"].as_f64(), place["value"].as_f64(), "{query}");
            if kind != "PAGE" {
                assert_eq!(row["subject"]["code"], place["subject"]["code"], "{query}");
            }
        }
    }
    let rows = lines(&app, "leaderboard", &format!("metric=SUBSCRIBERS&{PERIOD}")).await;
    assert!(rows.iter().all(|row| row["subject"]["lifecycle"] == "REGISTERED"), "{rows:?}");
    let id = *app.registry.snapshot().pages().keys().next().expect("a page");
    app.change_page(id, |page, _| page.lifecycle = entities::page::Lifecycle::Archived).await;
    let all = lines(&app, "leaderboard", &format!("metric=SUBSCRIBERS&{PERIOD}")).await;
    assert_eq!(all.iter().filter(|row| row["subject"]["lifecycle"] == "ARCHIVED").count(), 1, "{all:?}");
    let filter = "filter=%7B%22lifecycles%22%3A%5B%22REGISTERED%22%5D%7D";
    let official = lines(&app, "leaderboard", &format!("metric=SUBSCRIBERS&{filter}&{PERIOD}")).await;
    assert_eq!(official.len(), all.len() - 1, "{official:?}");
    let owner = json!({ "code": "school-1", "name": "School", "kind": "INSTITUTION" });
    assert!(rows.iter().any(|row| row["subject"]["owner"]["code"] == owner["code"]
        && row["subject"]["owner"]["kind"] == owner["kind"]
        && row["subject"]["platformCode"] == "vk"));
}

#[tokio::test]
async fn aggregates_as_a_file_are_those_of_the_api() {
    let app = four_pages().await;
    let ask = "query($by: [AudienceGroupBy!]!, $aggregation: AudienceAggregation!) {
        audience(groupBy: $by, metric: SUBSCRIBERS, aggregation: $aggregation, period: { from: \"2026-02-01\", to: \"2026-02-28\" }) {
            groups { keys { code name } from to value pagesCounted pagesMissing isFinal } } }";
    for (by, aggregation) in
        [("", "SUM"), ("TERRITORY", "SUM"), ("TERRITORY,PLATFORM,MONTH", "MEDIAN"), ("KIND,DAY", "COUNT")]
    {
        let dimensions: Vec<&str> = by.split(',').filter(|name| !name.is_empty()).collect();
        let data = app.data(ask, json!({ "by": dimensions, "aggregation": aggregation })).await;
        let expected = data["audience"]["groups"].as_array().expect("groups").clone();
        let grouped = if by.is_empty() { String::new() } else { format!("&groupBy={by}") };
        let query = format!("metric=SUBSCRIBERS&aggregation={aggregation}{grouped}&{PERIOD}");
        let rows = lines(&app, "audience", &query).await;
        assert!(!rows.is_empty() && rows.len() == expected.len(), "{query}");
        for (row, group) in rows.iter().zip(&expected) {
            for field in ["from", "to", "pagesCounted", "pagesMissing", "isFinal"] {
                assert_eq!(row[field], group[field], "{query}: {field}");
            }
            assert_eq!(row["value"].as_f64(), group["value"].as_f64(), "{query}");
            let keys = dimensions.iter().filter(|name| !["DAY", "MONTH"].contains(name));
            for (name, key) in keys.zip(group["keys"].as_array().expect("keys")) {
                let own = &row[name.to_lowercase()];
                let code = own.get("code").unwrap_or(&Value::Null);
                assert_eq!(
                    (code, own.get("name").unwrap_or(&Value::Null)),
                    (&key["code"], &key["name"]),
                    "{query}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_published_rating_as_a_file_has_the_parts_of_each_score() {
    let app = with_a_rating().await;
    let ask = "{ rating(methodologyCode: \"open-regional-body-1\", period: { from: \"2026-02-01\", to: \"2026-02-28\" }) {
        entries(first: 10) { nodes { rank score components { metric value share } subject { ... on Authority { code } } } } } }";
    let data = app.data(ask, json!({})).await;
    let expected = data["rating"]["entries"]["nodes"].as_array().expect("places").clone();
    let latest = lines(&app, "rating", "methodologyCode=open-regional-body-1").await;
    let rows = lines(&app, "rating", &format!("methodologyCode=open-regional-body-1&{PERIOD}")).await;
    assert_eq!(latest, rows, "by default the one published last");
    assert_eq!(rows.len(), expected.len());
    let names = [
        ("ENGAGEMENT_RATE", "engagementRate"),
        ("ANSWERED_SHARE", "answeredShare"),
        ("VIEWS_PER_SUBSCRIBER", "viewsPerSubscriber"),
        ("POSTS", "posts"),
    ];
    for (row, place) in rows.iter().zip(&expected) {
        assert_eq!(row["rank"], place["rank"]);
        assert_eq!(row["score"].as_f64(), place["score"].as_f64());
        assert_eq!(row["subject"]["code"], place["subject"]["code"]);
        for component in place["components"].as_array().expect("components") {
            let (_, name) = names.iter().find(|(metric, _)| component["metric"] == *metric).expect("a name");
            let part = &row[*name];
            for number in ["value", "share"] {
                assert_eq!(part[number].as_f64(), component[number].as_f64(), "{name}: {number}");
            }
        }
    }
    let csv = text(&app, "rating.csv?methodologyCode=open-regional-body-1&header=plain").await;
    assert!(
        csv.starts_with("rank,score,subjectId,subjectCode,subjectKind,subjectName,subjectTerritoryCode,subjectTerritoryName,engagementRateValue,engagementRateShare,"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_long_rating_is_read_window_by_window() {
    const PLACES: u64 = 1_203;
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    app.registry
        .write(&Actor::Operator, move |change_set| {
            let method =
                change_set.snapshot().methodology_by_code("open-regional-body-1").expect("a method").clone();
            let part = |component: &registry::model::Component| Part {
                metric: StatisticsMetric::named(&component.metric).expect("a metric"),
                value: None,
                share: 0.5,
            };
            let parts: Vec<Part> = method.terms.components.iter().map(part).collect();
            let place = |rank| Scored { id: school, rank, score: 50.0, parts: parts.clone() };
            let places: Vec<Scored> = (1..=PLACES).map(place).collect();
            let id = change_set.next_rating_id();
            let entries = rating_entry::rows(id, &places)?;
            let day = |day| NaiveDate::from_ymd_opt(2026, 2, day).expect("a day");
            let rating = Rating {
                id,
                methodology_id: method.id,
                from: day(1),
                to: day(28),
                places: i32::try_from(entries.len())?,
                digest: rating_entry::digest(&entries).into(),
                published_at: change_set.now(),
            };
            change_set.put_rating(rating, entries)
        })
        .await
        .expect("the rating is published");
    let query = "methodologyCode=open-regional-body-1";
    let ranks = lines(&app, "rating", query)
        .await
        .iter()
        .map(|row| row["rank"].as_u64().unwrap_or(0))
        .collect::<Vec<_>>();
    assert_eq!(ranks, (1..=PLACES).collect::<Vec<_>>());
    let file = app.file(&format!("/export/rating.parquet?{query}")).await.expect("a whole file");
    assert_eq!(rows_of_parquet(file).len() as u64, PLACES);
}

#[tokio::test]
async fn each_format_has_the_same_rows() {
    let boards = four_pages().await;
    let ratings = with_a_rating().await;
    for (app, list, query) in [
        (&boards, "leaderboard", format!("metric=SUBSCRIBERS&{PERIOD}")),
        (&boards, "leaderboard", format!("metric=GROWTH_30D&kind=REGION&{PERIOD}")),
        (&boards, "audience", format!("metric=VIEWS&groupBy=TERRITORY,DAY&{PERIOD}")),
        (&boards, "audience", format!("metric=AUDIENCE_TO_POPULATION&groupBy=TERRITORY&{PERIOD}")),
        (&ratings, "rating", "methodologyCode=open-regional-body-1".to_owned()),
    ] {
        let csv = app.get(&format!("/export/{list}.csv?{query}"), &[]).await;
        assert!(csv.header("content-disposition").contains(&format!("{list}-2026-02-01-2026-02-28.csv")));
        let rows = rows_of_csv(&csv.body);
        assert!(!rows.is_empty(), "{list}?{query}");
        let parquet = app.file(&format!("/export/{list}.parquet?{query}")).await.expect("a whole file");
        assert_eq!(rows_of_parquet(parquet), rows, "{list}?{query}");
        assert_eq!(lines(app, list, &query).await.len(), rows.len(), "{list}?{query}");
    }
}

#[tokio::test]
async fn a_negative_number_is_a_number_and_a_name_like_a_formula_is_none() {
    let app = four_pages().await;
    let school = app.registry.snapshot().organization_by_code("school-1").map(|it| it.id).expect("a school");
    app.change_organization(school, |school| school.name = "=School".into()).await;
    let query = format!("metric=GROWTH_30D&{PERIOD}&header=plain");
    let comma = text(&app, &format!("leaderboard.csv?{query}&decimal=,")).await;
    assert!(comma.contains(";-0,6;") && comma.contains(";'=School;"), "{comma}");
    let point = text(&app, &format!("leaderboard.csv?{query}")).await;
    assert!(point.contains(",-0.6,") && point.contains(",'=School,"), "{point}");
    let ranks = text(&app, &format!("leaderboard.csv?metric=SUBSCRIBERS&{PERIOD}&header=plain")).await;
    assert!(ranks.lines().any(|line| line.contains(",1,-")), "{ranks}");
}
