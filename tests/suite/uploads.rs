//! Streamed uploads: bounded rows, bounded error reports, and a bounded number of concurrent uploads.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use futures_util::stream;
use registry::model::Scope;
use sea_orm::EntityTrait;
use serde_json::json;
use tower::ServiceExt;

use super::{
    harness::{Answer, TestApp},
    statistics::{day, is_sound, old_page},
};

fn request(key: &str, media_type: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/statistics")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", media_type);
    request.body(body.into()).expect("a request")
}

async fn send(app: &TestApp, key: &str, media_type: &str, body: impl Into<Body>) -> Answer {
    app.send(request(key, media_type, body)).await
}

#[tokio::test]
async fn a_column_that_no_figure_has_refuses_the_file_and_is_hardly_repeated() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let long = "x".repeat(500_000);
    let rows = "vk,1,2026-11-01,1\n".repeat(30_000);
    for header in [
        &*format!("platformCode,nativeId,day,{}", &long[..60_000]),
        "platformCode,nativeId,day,viewers",
        "day,day",
        "platformCode,nativeId,views",
        "day,views",
    ] {
        let rejected = send(&app, &key, "text/csv", format!("{header}\n{rows}")).await;
        assert_eq!((rejected.status, rejected.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
        assert!(rejected.body.len() < 400, "{}", rejected.body.len());
    }
    let rejected = send(&app, &key, "text/csv", format!("day,{long}\n{rows}")).await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
    assert!(String::from_utf8_lossy(&rejected.body).contains("is longer than 65536 bytes"));
}

#[tokio::test]
async fn rejected_rows_are_listed_briefly_and_up_to_a_limit() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let word = "y".repeat(20_000);
    let bad = format!("vk,1,{},{word}\n", day(1));
    let file = format!("platformCode,nativeId,day,views\n{}vk,1,{},7\n", bad.repeat(1_500), day(1));
    let summary = send(&app, &key, "text/csv", file).await.json();
    assert_eq!(
        (&summary["rows"], &summary["stored"], &summary["rejected"]),
        (&json!(1_501), &json!(1), &json!(1_500))
    );
    let rejections = summary["rejections"].as_array().expect("rejections");
    assert_eq!(rejections.len(), 1_000, "the rest is counted");
    let text = rejections[0]["message"].as_str().expect("a text");
    assert!(
        text.starts_with("views: `yyyy") && text.contains("not an integer") && text.chars().count() <= 100
    );
    // Spreadsheets write semicolons; the error of a day has the expected format.
    let csv = format!("\u{feff}platformCode;nativeId;day;views\nvk;1;{};70\nvk;1;26.11.2026;1\n", day(8));
    let summary = send(&app, &key, "text/csv", csv).await.json();
    assert_eq!((&summary["stored"], &summary["rejected"]), (&json!(1), &json!(1)), "{summary}");
    assert_eq!(summary["rejections"][0]["message"], "day: `26.11.2026`; write days as 2026-11-22.");
    // A quote that spans lines is reported, and the rows after it are read.
    let lines = format!(
        "platformCode,nativeId,day,views\nvk,1,{},\"7\nvk,1,{},8\nvk,1,{},\"9\"\n",
        day(4),
        day(5),
        day(6)
    );
    let summary = send(&app, &key, "text/csv", format!("{lines}vk,1,{},10\n", day(7))).await.json();
    assert_eq!(
        (&summary["stored"], &summary["rejected"], &summary["rejections"][0]["line"]),
        (&json!(1), &json!(1), &json!(2)),
        "{summary}"
    );
    let text = summary["rejections"][0]["message"].as_str().expect("a text");
    assert!(text.contains("a quote that is not closed"), "{text}");
    // An unclosed quote ends the file; rows before it may be recorded.
    let open = format!("platformCode,nativeId,day,views\nvk,1,{},\"7\n{}", day(2), "z\n".repeat(400_000));
    let rejected = send(&app, &key, "text/csv", open).await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
    // A line that is too long is one rejected row, and the rows after it are read.
    let good = json!({ "platformCode": "vk", "nativeId": "1", "day": day(3), "views": 3 });
    let lines = format!("{{\"day\": \"{}\"}}\n{good}\n", "w".repeat(300_000));
    let summary = send(&app, &key, "application/x-ndjson", lines).await.json();
    assert_eq!(
        (&summary["rows"], &summary["stored"], &summary["rejected"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(summary["rejections"][0]["line"], 1);
}

#[tokio::test]
async fn rows_are_named_by_the_lines_that_an_editor_shows() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let (good, bad) = (|ago| format!("vk,1,{},7", day(ago)), "vk,1,today,7".to_owned());
    let lines = [
        "platformCode,nativeId,day,views".into(),
        good(1),
        bad.clone(),
        "".into(),
        "".into(),
        bad.clone(),
        good(2),
        bad,
    ];
    for end in ["\n", "\r\n", "\r"] {
        let summary = send(&app, &key, "text/csv", lines.join(end)).await.json();
        let numbers: Vec<_> =
            summary["rejections"].as_array().expect("rejections").iter().map(|it| &it["line"]).collect();
        assert_eq!(numbers, [3, 6, 8], "{end:?}: {summary}");
        assert_eq!(summary["rows"], 5);
    }
}

#[tokio::test]
async fn a_line_that_is_no_object_is_no_row() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let array = json!([null, "vk", "1", null, day(1), null, null, 5]);
    let summary = send(&app, &key, "application/x-ndjson", format!("{array}\n7\n")).await.json();
    assert_eq!(summary["rejectedByCode"], json!({ "MALFORMED": 2 }), "{summary}");
    assert_eq!(summary["rejections"][0]["message"], "The line is not a JSON object.");
}

#[tokio::test]
async fn a_number_beyond_what_can_be_read_is_too_large_as_any_beyond_its_limit() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let numbers = ["10000000001", "9223372036854775808", "99999999999999999999", "-99999999999999999999"];
    let row = |number: &str| format!("vk,1,{},{number}\n", day(1));
    let csv = format!("platformCode,nativeId,day,views\n{}", numbers.map(row).concat());
    let row = |number: &str| {
        format!("{{\"platformCode\":\"vk\",\"nativeId\":\"1\",\"day\":\"{}\",\"views\":{number}}}\n", day(1))
    };
    for (media_type, file) in [("text/csv", csv), ("application/x-ndjson", numbers.map(row).concat())] {
        let summary = send(&app, &key, media_type, file).await.json();
        assert_eq!(summary["rejectedByCode"], json!({ "NEGATIVE": 1, "TOO_LARGE": 3 }), "{summary}");
    }
}

#[tokio::test]
async fn bodies_that_do_not_end_take_the_places_of_four_alone() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let stalled = || {
        let head =
            stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"platformCode,nativeId,day,views\n"))]);
        Body::from_stream(futures_util::StreamExt::chain(head, stream::pending()))
    };
    let (second, third) =
        (app.key("second", Scope::Statistics).await, app.key("third", Scope::Statistics).await);
    let mut held = Vec::new();
    for sender in [&key, &key, &second, &second] {
        let answering = app.router().oneshot(request(sender, "text/csv", stalled()));
        held.push(tokio::spawn(answering));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let own = send(&app, &key, "text/csv", "nativeId,day\n").await;
    assert_eq!(
        (own.status, own.code()),
        (StatusCode::TOO_MANY_REQUESTS, "THROTTLED".into()),
        "no more of one"
    );
    let rejected = send(&app, &third, "text/csv", "nativeId,day\n").await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED".into()));
    assert_eq!(rejected.header("retry-after"), "60");
    // A silent client is disconnected, and its permit is released.
    for answering in held {
        let answer = answering.await.expect("it runs").expect("the router answers");
        assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    }
    assert_eq!(send(&app, &key, "text/csv", "nativeId,day\n").await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_asker_takes_four_files_at_once() {
    let app = TestApp::start().await;
    let get = || Request::get("/export/pages.csv").body(Body::empty()).expect("a request");
    let mut taken = Vec::new();
    for _ in 0..4 {
        let response = app.router().oneshot(get()).await.expect("the router answers");
        assert_eq!(response.status(), StatusCode::OK);
        taken.push(response);
    }
    let rejected = app.send(get()).await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED".into()));
    taken.pop();
    assert_eq!(app.send(get()).await.status, StatusCode::OK, "a free permit");
}

#[tokio::test]
async fn a_page_may_have_more_figures_in_a_load_than_are_worked_on_together() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for native_id in ["1", "2"] {
        old_page(&app, school, "vk", native_id).await;
    }
    let key = app.key("all", Scope::Statistics).await;
    // The database already has statistics of two of the days.
    let before = format!("platformCode,nativeId,day,views\nvk,1,{},1\nvk,2,{},1\n", day(1), day(2));
    assert_eq!(send(&app, &key, "text/csv", before).await.json()["stored"], 2);
    let rows: String =
        (0..25_000).map(|number| format!("vk,1,{},{}\n", day(1 + number % 5), number + 2)).collect();
    let file = format!("platformCode,nativeId,day,views\n{rows}vk,2,{},7\n", day(3));
    let summary = send(&app, &key, "text/csv", file).await.json();
    assert_eq!(
        (&summary["stored"], &summary["replaced"], &summary["rejected"]),
        (&json!(5), &json!(24_996), &json!(0))
    );
    is_sound(&app).await;
    let stored = entities::page_statistics::Entity::find().all(&app.registry.database().read).await;
    let mut views: Vec<_> =
        stored.expect("figures").iter().map(|row| (row.page_id, row.day, row.views)).collect();
    views.sort();
    assert_eq!(views.len(), 7);
    let last: Vec<_> =
        views.iter().filter(|(_, _, views)| *views > Some(7)).map(|(_, _, views)| *views).collect();
    assert_eq!(last, [25_001, 25_000, 24_999, 24_998, 24_997].map(Some), "of each day the last one");
}

#[tokio::test]
async fn rows_over_several_lines_and_long_ones_are_rejected_by_their_first_line_and_blank_ones_are_none() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    for page in ["1", "2", "3"] {
        old_page(&app, school, "vk", page).await;
    }
    let key = app.key("all", Scope::Statistics).await;
    let day = day(1);
    let csv = format!(
        "\u{feff}# exported\r\nplatform;nativeId;day;views\r\nvk;1;{day};\"5\r\n\r\n\"\r\nvk;2;{day};1{spaces}\r\n{blank}# {long}\r\nvk;3;{day};7\r\n",
        spaces = " ".repeat(70_000),
        blank = "\r\n".repeat(400_000),
        long = "\"".repeat(70_001),
    );
    let summary = send(&app, &key, "text/csv", csv).await.json();
    assert_eq!((&summary["stored"], &summary["rejected"]), (&json!(1), &json!(2)), "{summary}");
    let rejections = &summary["rejections"];
    assert_eq!((&rejections[0]["line"], &rejections[1]["line"]), (&json!(3), &json!(6)), "{summary}");
    assert!(rejections[1]["message"].as_str().is_some_and(|text| text.contains("65536")), "{summary}");
    let unclosed = format!(
        "platformCode,nativeId,day,views\nvk,1,{day},1\nvk,2,{day},\"7\n{}",
        "vk,3,2026-01-01,1\n".repeat(9_000)
    );
    let rejected = send(&app, &key, "text/csv", unclosed).await;
    assert_eq!(rejected.status, StatusCode::BAD_REQUEST);
    let text = String::from_utf8_lossy(&rejected.body);
    assert!(text.contains("The row of line 3 has a quote that is not closed"), "{text}");
    let marked =
        format!("\u{feff}{{\"platformCode\":\"vk\",\"nativeId\":\"1\",\"day\":\"{day}\",\"views\":1}}\n");
    assert_eq!(send(&app, &key, "application/x-ndjson", marked).await.json()["stored"], 1);
    is_sound(&app).await;
}

#[tokio::test]
async fn a_line_that_names_the_delimiter_is_no_row() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    for (day, delimiter) in [(day(1), ";"), (day(2), "|")] {
        let rows = format!("platformCode,nativeId,day,views\r\nvk,1,{day},7\r\nvk,1,{day},x\r\n");
        let file = format!("\u{feff}sep={delimiter}\r\n{}", rows.replace(',', delimiter));
        let summary = send(&app, &key, "text/csv", file).await.json();
        assert_eq!((&summary["stored"], &summary["rejected"]), (&json!(1), &json!(1)), "{summary}");
        assert_eq!(summary["rejections"][0]["line"], 4, "{summary}");
    }
}
