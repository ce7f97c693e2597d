//! Days and timestamps have one form, wherever they are sent.

use axum::http::StatusCode;
use registry::model::Scope;
use serde_json::json;

use super::{
    harness::TestApp,
    statistics::{day, old_page},
};

const OTHER_DAYS: [&str; 5] =
    ["2026-1-1", " 2026-01-01", "+2026-01-01", "0000-01-01", "2026-01-01T00:00:00Z"];

#[tokio::test]
async fn days_and_timestamps_of_arguments_have_one_form() {
    let app = TestApp::start().await;
    let of_day = "query($day: Date) { pages(filter: { registeredOn: { from: $day } }) { totalCount } }";
    let of_timestamp = "query($at: DateTime) { verifyPage(url: \"vk.com/a\", asOf: $at) { verdict } }";
    // The second time, the documents are known.
    for _ in 0..2 {
        for text in OTHER_DAYS {
            let literal =
                format!("{{ pages(filter: {{ registeredOn: {{ from: \"{text}\" }} }}) {{ totalCount }} }}");
            for (query, values) in [(of_day, json!({ "day": text })), (&*literal, json!({}))] {
                let answer = app.ask(query, values).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{text:?}: {answer}");
            }
        }
        for text in
            ["2026-01-01 00:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00Z", "0000-01-01T00:00:00Z"]
        {
            let answer = app.ask(of_timestamp, json!({ "at": text })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{text:?}: {answer}");
        }
        app.data(of_day, json!({ "day": "2026-01-01" })).await;
    }
}

#[tokio::test]
async fn days_of_files_have_one_form() {
    let app = TestApp::start().await;
    let paths = |day: &str| {
        [
            format!("/export/statistics.csv?from={day}&to=2026-01-02"),
            format!("/export/audience.csv?metric=VIEWS&groupBy=DAY&from={day}&to=2026-01-02"),
        ]
    };
    for text in OTHER_DAYS {
        for path in paths(&text.replace(' ', "%20").replace('+', "%2B")) {
            assert_eq!(app.get(&path, &[]).await.code(), "BAD_USER_INPUT", "{path}");
        }
    }
    for path in paths("2026-01-01") {
        assert_eq!(app.get(&path, &[]).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_row_with_a_day_in_another_form_is_rejected() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let days = [day(8).to_string(), format!("{}T00:00:00Z", day(9)), format!("+{}", day(9))];
    let csv: String = days.iter().map(|day| format!("vk,1,{day},70\n")).collect();
    let lines = days.iter().map(|day| {
        format!("{}\n", json!({ "platformCode": "vk", "nativeId": "1", "day": day, "views": 70 }))
    });
    for (media_type, body, stored) in [
        ("text/csv", format!("platformCode,nativeId,day,views\n{csv}"), "stored"),
        ("application/x-ndjson", lines.collect(), "duplicates"),
    ] {
        let request = axum::http::Request::post("/statistics")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", media_type)
            .body(body.into());
        let summary = app.send(request.expect("a request")).await.json();
        assert_eq!((&summary[stored], &summary["rejected"]), (&json!(1), &json!(2)), "{summary}");
    }
}
