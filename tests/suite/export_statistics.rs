//! Files of statistics: they can be loaded again, and truncated ones are detected.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta};
use entities::page_statistics::Column;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use registry::model::Scope;
use sea_orm::{ConnectionTrait, DbBackend, IdenStatic, Iterable};
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    statistics::{day, old_page, submit},
};

#[tokio::test]
async fn exported_figures_can_be_loaded_again() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for native_id in ["1", "2"] {
        old_page(&app, school, "vk", native_id).await;
    }
    old_page(&app, school, "ok", "3").await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |platform: &str, page: &str, ago, views: i64| json!({ "page": { "native": { "platformCode": platform, "nativeId": page } }, "day": day(ago), "recordedAt": "2026-11-01T00:00:00Z", "views": views });
    let rows = json!([
        row("vk", "1", 3, 7),
        row("vk", "2", 3, 8),
        row("vk", "1", 2, 9),
        row("ok", "3", 2, 1),
        row("vk", "2", 9, 5)
    ]);
    submit(&app, &key, rows).await;
    let path =
        |form: &str, rest: &str| format!("/export/statistics.{form}?from={}&to={}{rest}", day(5), day(0));
    let csv = app.get(&path("csv", "&delimiter=%3B"), &[]).await;
    let text = String::from_utf8(csv.body.clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("\u{feff}# source: Test registry")
            && lines[1].starts_with("pageId;platformCode;nativeId;day")
    );
    assert_eq!(lines.len(), 2 + 4, "{text}");
    let ndjson = app.get(&path("ndjson", "&platformCode=vk"), &[]).await;
    let text = String::from_utf8(ndjson.body.clone()).expect("UTF-8");
    let views: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["views"].take()).collect();
    assert_eq!(views, [json!(7), json!(8), json!(9)], "by day and page");
    let csv = app.get(&path("csv", ""), &[]).await.body;
    // Without `to`, a file ends today.
    let open = app.get(&format!("/export/statistics.csv?from={}", day(5)), &[]).await;
    assert_eq!(rows_of_csv(&open.body), rows_of_csv(&csv));
    for (media_type, body, rows) in
        [("application/x-ndjson", text.into_bytes(), 3), ("text/csv", csv.clone(), 4)]
    {
        let request = axum::http::Request::post("/statistics")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", media_type)
            .body(body.into());
        let summary = app.send(request.expect("a request")).await.json();
        assert_eq!((&summary["duplicates"], &summary["rejected"]), (&json!(rows), &json!(0)), "{summary}");
    }
    let parquet = app.get(&path("parquet", ""), &[]).await.body;
    assert_eq!(rows_of_parquet(parquet), rows_of_csv(&csv), "the same rows, whatever the form");
    for query in [
        "",
        "?to=2026-01-01",
        "?from=2026-01-01&to=soon",
        "?from=2024-01-01",
        "?from=2026-01-02&to=2026-01-01",
        "?from=0001-01-01&to=2026-01-01",
        "?from=2026-01-01&to=2026-01-02&platformCode=nowhere",
    ] {
        let rejected = app.get(&format!("/export/statistics.csv{query}"), &[]).await;
        assert_eq!(
            (rejected.status, rejected.code()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".into()),
            "{query}"
        );
    }
}

/// Cells of each row by column, without those that are empty.
pub fn rows_of_csv(file: &[u8]) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(&file["\u{feff}".len()..]);
    let columns = reader.headers().expect("a head").clone();
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let cells = columns.iter().zip(&row).map(|(column, cell)| (column.to_owned(), cell.to_owned()));
        cells.filter(|(_, cell)| !cell.is_empty()).collect()
    })
    .collect()
}

/// Cells of each row by column as texts, without those that are empty.
pub fn rows_of_parquet(file: Vec<u8>) -> Vec<Vec<(String, String)>> {
    let reader = SerializedFileReader::new(axum::body::Bytes::from(file)).expect("a Parquet file");
    let metadata =
        reader.metadata().file_metadata().key_value_metadata().expect("what the file says of itself");
    assert!(metadata.iter().any(|entry| entry.key == "licence" && entry.value.is_some()), "{metadata:?}");
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
    rows.map(|row| {
        let cells = row.get_column_iter().map(|(column, cell)| (column.clone(), text_of(cell)));
        cells.filter(|(_, cell)| !cell.is_empty()).collect()
    })
    .collect()
}

fn text_of(cell: &Field) -> String {
    match cell {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Long(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Bool(flag) => flag.to_string(),
        Field::ListInternal(list) => list.elements().iter().map(text_of).collect::<Vec<_>>().join("; "),
        Field::Date(days) => (NaiveDate::default() + TimeDelta::days(i64::from(*days))).to_string(),
        Field::TimestampMicros(at) => {
            let at = DateTime::from_timestamp_micros(*at).expect("a timestamp");
            at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
        }
        other => panic!("an unexpected cell: {other:?}"),
    }
}

#[tokio::test]
async fn an_export_that_breaks_off_ends_in_an_error() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |ago| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), "views": 7 });
    submit(&app, &key, json!([row(3), row(2)])).await;
    let path = |form: &str| format!("/export/statistics.{form}?from={}&to={}", day(5), day(0));
    for form in ["csv", "ndjson", "parquet"] {
        assert!(app.file(&path(form)).await.is_ok(), "{form}");
    }
    let broken = match app.registry.database().backend() {
        DbBackend::Postgres => format!("views / (day - DATE '{}')", day(2)),
        _ => format!("CASE day WHEN '{}' THEN 'no number' ELSE views END", day(2)),
    };
    let columns = Column::iter().map(|column| match column {
        Column::Views => format!("{broken} AS views"),
        other => other.as_str().to_owned(),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    for sql in [
        "ALTER TABLE page_statistics RENAME TO facts".to_owned(),
        format!("CREATE VIEW page_statistics AS SELECT {columns} FROM facts"),
    ] {
        app.registry.database().read.execute_unprepared(&sql).await.expect("the change behind the back");
    }
    for form in ["csv", "ndjson", "parquet"] {
        assert!(app.file(&path(form)).await.is_err(), "{form}: the second day cannot be read");
    }
}

#[tokio::test]
async fn a_file_with_any_delimiter_is_loaded_again_as_known_or_with_what_was_corrected_in_it() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    submit(&app, &key, json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "views": 71_234 }])).await;
    let load = async |text: String| {
        let request = axum::http::Request::post("/statistics")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "text/csv")
            .body(text.into());
        app.send(request.expect("a request")).await.json()
    };
    for (index, delimiter) in ["", "&delimiter=%3B"].into_iter().enumerate() {
        let path = format!("/export/statistics.csv?from={}&to={}{delimiter}", day(5), day(0));
        let text = String::from_utf8(app.get(&path, &[]).await.body).expect("UTF-8");
        let known = load(text.clone()).await;
        assert_eq!((&known["rows"], &known["duplicates"]), (&json!(1), &json!(1)), "{known}");
        let (before, after) = (format!("{}", 71_234 + index), format!("{}", 71_235 + index));
        let corrected = load(text.replace(&before, &after)).await;
        assert_eq!(corrected["replaced"], 1, "{text}: {corrected}");
    }
}
