//! Bodies of uploads: compressed ones, and those of which no row is accepted.

use std::io::Write;

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
};
use flate2::{Compression, write::GzEncoder};
use registry::model::Scope;
use serde_json::json;

use super::{
    harness::{Answer, TestApp},
    statistics::{day, is_sound, old_page},
};

async fn send(
    app: &TestApp,
    key: &str,
    (media_type, encoding): (&str, &str),
    body: impl Into<Body>,
) -> Answer {
    let request = Request::post("/statistics")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", media_type)
        .header("content-encoding", encoding);
    app.send(request.body(body.into()).expect("a request")).await
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[tokio::test]
async fn a_body_may_be_compressed_with_gzip() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let csv = format!("platformCode;nativeId;day;views\nvk;1;{};70\nvk;1;{};71\n", day(8), day(9));
    let summary = send(&app, &key, ("text/csv", "gzip"), gzip(&csv)).await.json();
    assert_eq!((&summary["rows"], &summary["stored"]), (&json!(2), &json!(2)), "{summary}");
    let line = json!({ "platformCode": "vk", "nativeId": "1", "day": day(8), "views": 70 }).to_string();
    let summary = send(&app, &key, ("application/x-ndjson", "GZIP"), gzip(&line)).await.json();
    assert_eq!(summary["duplicates"], 1, "{summary}");
    assert_eq!(send(&app, &key, ("text/csv", "identity"), csv).await.json()["duplicates"], 2);
    is_sound(&app).await;
}

#[tokio::test]
async fn a_compressed_body_that_cannot_be_read_is_refused_in_our_words() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let whole = gzip(&"platformCode,nativeId,day,views\n".repeat(2));
    let unnamed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xfe];
    let nameless = send(&app, &key, ("text/csv", "identity"), unnamed).await;
    assert_eq!((nameless.status, nameless.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
    assert!(String::from_utf8_lossy(&nameless.body).contains("upload it with `Content-Encoding: gzip`"));
    for cut in [&whole[..5], &whole[..whole.len() - 4], b"platformCode,nativeId,day"] {
        let rejected = send(&app, &key, ("text/csv", "gzip"), cut.to_vec()).await;
        assert_eq!((rejected.status, rejected.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
        let text = String::from_utf8_lossy(&rejected.body);
        assert!(text.contains("is not valid CSV or gzip"), "{text}");
    }
    for encoding in ["br", "gzip, gzip", "zstd"] {
        let rejected = send(&app, &key, ("text/csv", encoding), whole.clone()).await;
        let expected = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE".into());
        assert_eq!((rejected.status, rejected.code()), expected);
        assert_eq!(rejected.headers.get(header::ACCEPT_ENCODING), Some(&HeaderValue::from_static("gzip")));
    }
}

#[tokio::test]
async fn a_small_body_that_inflates_to_a_huge_one_is_cut_off() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let csv = format!("platformCode,nativeId,day,views\n{}", "\n".repeat(16 << 20));
    let rejected = send(&app, &key, ("text/csv", "gzip"), gzip(&csv)).await;
    assert_eq!(
        (rejected.status, rejected.code()),
        (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE".into())
    );
    assert!(String::from_utf8_lossy(&rejected.body).contains("a hundred times its size"));
}

#[tokio::test]
async fn a_body_of_which_no_row_is_accepted_is_an_error_with_its_summary() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let header = "platformCode,nativeId,day,views\n";
    let bad = format!("vk,404,{},1\nvk,1,yesterday,1\n", day(1));
    let rejected = send(&app, &key, ("text/csv", "identity"), format!("{header}{bad}")).await;
    assert_eq!(
        (rejected.status, rejected.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "ALL_ROWS_REJECTED".into())
    );
    let summary = rejected.json();
    assert_eq!((&summary["rows"], &summary["rejected"]), (&json!(2), &json!(2)));
    assert_eq!(summary["rejectedByCode"], json!({ "MALFORMED": 1, "PAGE_NOT_FOUND": 1 }));
    let message = summary["errors"][0]["message"].as_str().expect("a message");
    assert!(
        message.starts_with("All rows were rejected (2). The first one, in line 2: The registry has no"),
        "{message}"
    );
    // One accepted row is enough, and no row at all is none that was rejected.
    let good = format!("{header}{bad}vk,1,{},7\n", day(1));
    assert_eq!(send(&app, &key, ("text/csv", "identity"), good).await.status, StatusCode::OK);
    assert_eq!(send(&app, &key, ("text/csv", "identity"), header).await.status, StatusCode::OK);
    let empty = send(&app, &key, ("text/csv", "identity"), "").await;
    assert_eq!((empty.status, empty.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
    assert!(String::from_utf8_lossy(&empty.body).contains("no header row"));
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let array = json!([{ "platformCode": "vk", "nativeId": "1", "day": day(1), "views": 1 }]).to_string();
    for (media_type, body, expected) in [
        ("application/x-ndjson", array.clone().into_bytes(), "The file is one JSON array"),
        ("text/csv", array.into_bytes(), "The file is one JSON array"),
        ("text/csv", b"PK\x03\x04\x14\0\x06\0".to_vec(), "The file is a spreadsheet"),
    ] {
        let refused = send(&app, &key, (media_type, "identity"), body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
        assert!(
            String::from_utf8_lossy(&refused.body).contains(expected),
            "{media_type}: {:#}",
            refused.json()
        );
    }
}

#[tokio::test]
async fn a_native_id_may_be_a_number_beyond_what_numbers_hold() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let key = app.key("all", Scope::Statistics).await;
    let ids = ["1", "9007199254740993", "123456789012345678901234567890"];
    let mut lines = String::new();
    for id in ids {
        old_page(&app, school, "vk", id).await;
        lines +=
            &format!("{{\"platformCode\":\"vk\",\"nativeId\":{id},\"day\":\"{}\",\"views\":7}}\n", day(1));
    }
    let summary = send(&app, &key, ("application/x-ndjson", "identity"), lines).await.json();
    assert_eq!((&summary["stored"], &summary["rejected"]), (&json!(3), &json!(0)), "{summary}");
    is_sound(&app).await;
}
