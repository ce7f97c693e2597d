//! Series of statistics: every step, and one statement for any number of pages.

use std::sync::atomic::Ordering;

use chrono::{NaiveDate, TimeZone, Utc};
use entities::page::Lifecycle;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{
    harness::{TestApp, churn::generated},
    statistics::{day, old_page, submit},
};

const SERIES: &str = "query($period: DateRange!, $step: StatisticsStep!) {
    pages(first: 40) { nodes { statistics {
        latest { subscribers }
        lastDay { from subscribers views }
        series(period: $period, step: $step) { from to days subscribers views isJump }
        growth(period: $period) { from to subscribers ratio }
    } } }
}";

#[tokio::test]
async fn a_series_has_every_step_of_its_period_and_gaps_are_gaps() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let id = app.page(school, "vk", "1").await;
    app.change_page(id, |page, _| page.created_at = Utc.timestamp_opt(0, 0).unwrap()).await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |day: &str, subscribers: i64, views: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day, "subscribers": subscribers, "views": views });
    submit(
        &app,
        &key,
        json!([
            row("2026-01-30", 100, 7),
            row("2026-01-31", 110, 5),
            row("2026-02-02", 130, 11),
            row("2026-02-08", 120, 13),
            row("2026-02-09", 150, 17),
        ]),
    )
    .await;
    let ask = async |from: &str, to: &str, step: &str| {
        app.data(SERIES, json!({ "period": { "from": from, "to": to }, "step": step })).await["pages"]["nodes"][0]["statistics"].take()
    };
    insta::assert_json_snapshot!("series of days", ask("2026-01-29", "2026-02-02", "DAY").await);
    insta::assert_json_snapshot!("series of weeks", ask("2026-01-28", "2026-02-10", "WEEK").await);
    insta::assert_json_snapshot!("series of months", ask("2025-12-15", "2026-02-09", "MONTH").await);
    let variables = |from: &str, to: &str| json!({ "period": { "from": from, "to": to }, "step": "DAY" });
    for (from, to) in [("2025-01-01", "2026-02-05"), ("2026-02-01", "2026-01-31")] {
        let answer = app.ask(SERIES, variables(from, to)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
    assert!(app.ask(SERIES, variables("2025-01-01", "2026-02-04")).await.get("errors").is_none(), "400 days");
}

#[tokio::test]
async fn figures_of_any_number_of_pages_take_the_same_number_of_statements() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let mut rows = Vec::new();
    let mut counts = Vec::new();
    for number in 1..=40 {
        let school = app.organization(&format!("school-{number}"), "School").await;
        old_page(&app, school, "vk", &number.to_string()).await;
        rows.push(
            json!({ "page": { "native": { "platformCode": "vk", "nativeId": number.to_string() } }, "day": day(1), "subscribers": number }),
        );
        if number == 1 || number == 40 {
            submit(&app, &key, json!(rows)).await;
            // On a busy machine a request may miss its batch: the lowest number of statements counts.
            let mut least = usize::MAX;
            for attempt in 0..5 {
                let before = app.statements.load(Ordering::Relaxed);
                let period = json!({ "period": { "from": day(30 - attempt), "to": day(0) }, "step": "DAY" });
                let pages = app.data(SERIES, period).await;
                assert_eq!(pages["pages"]["nodes"].as_array().map(Vec::len), Some(number));
                least = least.min(app.statements.load(Ordering::Relaxed) - before);
            }
            counts.push(least);
        }
    }
    assert_eq!(counts, [2, 2], "one for the last days, one for the series");
}

const SUMS: &str = "query($period: DateRange!, $step: StatisticsStep!) {
    institution(code: \"school-1\") { statistics { ...sums } }
    territory(code: \"ru-28\") { statistics { ...sums } }
}
fragment sums on SumStatistics {
    latest { subscribersSum pagesCounted pagesMissing }
    series(period: $period, step: $step) { from to subscribersSum viewsSum pagesCounted pagesMissing }
}";

#[tokio::test]
async fn organizations_and_territories_sum_up_their_pages_and_say_which_are_missing() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let amur = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    for number in 1..=2 {
        let school = app.organization(&format!("school-{number}"), "School").await;
        app.change_organization(school, move |it| it.territory_id = amur).await;
        for page in 1..=2 {
            let id = app.page(school, "vk", &format!("{number}{page}")).await;
            app.change_page(id, |page, _| {
                page.created_at = Utc.timestamp_opt(0, 0).unwrap();
                page.registered_at = Some(page.created_at);
            })
            .await;
        }
    }
    let row = |page: &str, day: &str, subscribers: i64, views: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day, "subscribers": subscribers, "views": views });
    let rows = json!([
        row("11", "2026-01-30", 100, 1),
        row("12", "2026-01-30", 200, 2),
        row("21", "2026-01-30", 400, 4),
        row("11", "2026-01-31", 110, 8),
        row("21", "2026-02-02", 410, 16),
    ]);
    submit(&app, &key, rows).await;
    let ask = async |step: &str| {
        app.data(SUMS, json!({ "period": { "from": "2026-01-30", "to": "2026-02-02" }, "step": step })).await
    };
    insta::assert_json_snapshot!("sums of days", ask("DAY").await);
    insta::assert_json_snapshot!("sums of months", ask("MONTH").await);
    // Days after the period are not part of it.
    let cut = json!({ "period": { "from": "2026-01-01", "to": "2026-01-30" }, "step": "MONTH" });
    let sums = app.data(SUMS, cut).await;
    assert_eq!(sums["territory"]["statistics"]["series"][0]["subscribersSum"], 700);
}

const TERRITORY: &str =
    "query($period: DateRange!, $step: StatisticsStep!) { territory(code: \"ru-28\") { statistics {
    series(period: $period, step: $step) { subscribersSum pagesCounted viewsSum }
} } }";

#[tokio::test]
async fn a_few_late_figures_take_no_subscribers_from_a_territory_and_days_before_a_period_bring_none() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let amur = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    let school = app.organization("school", "School").await;
    app.change_organization(school, move |it| it.territory_id = amur).await;
    for page in 1..=3 {
        let id = app.page(school, "vk", &page.to_string()).await;
        app.change_page(id, |page, _| page.valid_from = NaiveDate::from_ymd_opt(2020, 1, 1)).await;
    }
    let row = |page: &str, day: &str, of: &str, number: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day, of: number });
    let rows = json!([
        row("1", "2025-10-06", "subscribers", 1_000),
        row("2", "2025-10-06", "subscribers", 1_000),
        row("2", "2025-10-08", "views", 1),
        row("3", "2025-10-20", "subscribers", 5),
    ]);
    submit(&app, &key, rows).await;
    let ask = async |from: &str, to: &str, step: &str| {
        let mut data =
            app.data(TERRITORY, json!({ "period": { "from": from, "to": to }, "step": step })).await;
        data["territory"]["statistics"]["series"][0].take()
    };
    let point = |subscribers: i64, pages: i64, views: Value| json!({ "subscribersSum": subscribers, "pagesCounted": pages, "viewsSum": views });
    assert_eq!(ask("2025-10-06", "2025-10-12", "WEEK").await, point(2_000, 2, json!(1)));
    assert_eq!(ask("2025-10-15", "2025-10-31", "MONTH").await, point(5, 1, Value::Null));
    assert_eq!(ask("2025-10-01", "2025-10-31", "MONTH").await, point(2_005, 3, json!(1)));
}

const MISSING: &str = "query($period: DateRange!, $step: StatisticsStep!) {
    institution(code: \"school\") { statistics { ...missing } }
    territory(code: \"ru-28\") { statistics { ...missing } }
}
fragment missing on SumStatistics { series(period: $period, step: $step) { from pagesCounted pagesMissing } }";

#[tokio::test]
async fn official_pages_without_statistics_are_missing_also_where_archived_pages_have_some() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let amur = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    let school = app.organization("school", "School").await;
    app.change_organization(school, move |it| it.territory_id = amur).await;
    let mut pages = Vec::new();
    for page in 1..=3 {
        let id = app.page(school, "vk", &page.to_string()).await;
        app.change_page(id, |page, _| {
            page.created_at = Utc.timestamp_opt(0, 0).unwrap();
            page.registered_at = Some(page.created_at);
        })
        .await;
        pages.push(id);
    }
    let row = |page: &str, day: &str| json!({ "page": { "native": { "platformCode": "vk", "nativeId": page } }, "day": day, "subscribers": 7 });
    submit(&app, &key, json!([row("1", "2025-10-06"), row("2", "2025-10-06"), row("1", "2025-10-08")])).await;
    app.change_page(pages[1], |page, _| page.lifecycle = Lifecycle::Archived).await;
    let days = json!({ "from": "2025-10-06", "to": "2025-10-08" });
    let point = |from: &str, counted: u64, missing: u64| json!({ "from": from, "pagesCounted": counted, "pagesMissing": missing });
    for (step, period, expected) in [
        (
            "DAY",
            days.clone(),
            json!([point("2025-10-06", 2, 1), point("2025-10-07", 0, 2), point("2025-10-08", 1, 1)]),
        ),
        ("WEEK", days.clone(), json!([point("2025-10-06", 2, 1)])),
        ("MONTH", days.clone(), json!([point("2025-10-06", 2, 1)])),
        ("MONTH", json!({ "from": "2025-10-01", "to": "2025-10-31" }), json!([point("2025-10-01", 2, 1)])),
        ("MONTH", json!({ "from": "2190-10-01", "to": "2190-10-31" }), json!([point("2190-10-01", 0, 0)])),
    ] {
        let found = app.data(MISSING, json!({ "period": period, "step": step })).await;
        for owner in ["institution", "territory"] {
            assert_eq!(found[owner]["statistics"]["series"], expected, "{owner} {step} {period}");
        }
    }
    // As `audience` counts them.
    let ask = "query($period: DateRange!) { audience(filter: { territories: [\"ru-28\"] }, groupBy: [DAY], metric: SUBSCRIBERS, period: $period) {
        groups { from pagesMissing } } }";
    let audience = app.data(ask, json!({ "period": days })).await;
    let numbers = audience["audience"]["groups"].as_array().expect("groups").iter();
    assert_eq!(numbers.map(|it| it["pagesMissing"].clone()).collect::<Vec<_>>(), [1, 2, 1]);
}

#[tokio::test]
async fn too_many_pages_and_days_are_refused_only_where_missing_pages_are_asked_for() {
    let app = generated(2_000).await;
    let ask = async |field: &str, to: &str, step: &str| {
        let query = format!(
            "{{ territory(code: \"ru\") {{ statistics {{ series(period: {{ from: \"2025-01-01\", to: \"{to}\" }}, step: {step}) {{ {field} }} }} }} }}"
        );
        app.ask(&query, json!({})).await
    };
    let refused = ask("pagesMissing", "2026-02-04", "DAY").await;
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("`pagesMissing`")), "{error}");
    for (field, to, step) in [
        ("pagesCounted", "2026-02-04", "DAY"),
        ("pagesMissing", "2025-12-31", "MONTH"),
        ("pagesMissing", "2025-01-05", "DAY"),
    ] {
        let answer = ask(field, to, step).await;
        assert!(answer.get("errors").is_none(), "{field} {step}: {answer}");
    }
}
