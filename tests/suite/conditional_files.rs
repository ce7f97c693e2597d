//! Files that a client has are not sent again: by `ETag`, and without one by time. The days of files have bounds.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::{DateTime, Days, TimeDelta, Utc};

use super::harness::TestApp;

const PATH: &str = "/export/institutions.csv";
const TIME: &str = "%a, %d %b %Y %H:%M:%S GMT";

fn time(at: DateTime<Utc>) -> String {
    at.format(TIME).to_string()
}

#[tokio::test]
async fn a_file_that_has_not_changed_since_a_time_is_not_sent_again() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    let changed_at = app.registry.snapshot().changed_at();
    let (before, since) = (time(changed_at - TimeDelta::seconds(1)), time(changed_at));
    let (older, later) = (changed_at.format("%A, %d-%b-%y %H:%M:%S GMT"), time(changed_at + Days::new(1)));
    let older = older.to_string();
    for path in [PATH, "/export/statistics.ndjson?from=2026-01-01&to=2026-01-02"] {
        for (asked, expected) in [
            (since.as_str(), StatusCode::NOT_MODIFIED),
            (older.as_str(), StatusCode::NOT_MODIFIED),
            (later.as_str(), StatusCode::NOT_MODIFIED),
            (before.as_str(), StatusCode::OK),
            ("yesterday", StatusCode::OK),
            ("", StatusCode::OK),
        ] {
            let headers = [("if-modified-since", asked), ("accept-encoding", "gzip")];
            let answer = app.get(path, &headers).await;
            assert_eq!(answer.status, expected, "{path}: {asked}");
            let mut head = Request::head(path);
            for (name, value) in headers {
                head = head.header(name, value);
            }
            let head = app.send(head.body(Body::empty()).expect("a request")).await;
            assert_eq!(head.status, expected, "HEAD {path}: {asked}");
            if expected == StatusCode::NOT_MODIFIED {
                assert_eq!((answer.header("content-encoding"), answer.body.len()), ("", 0));
                assert!(
                    answer.header("etag").starts_with("W/") && !answer.header("last-modified").is_empty()
                );
                assert_eq!(answer.header("registry-cost"), "10");
            }
        }
    }
}

#[tokio::test]
async fn a_tag_counts_more_than_a_time() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    let tag = app.get(PATH, &[]).await.header("etag").to_owned();
    let (past, future) = (time(Utc::now() - Days::new(9)), time(Utc::now() + Days::new(1)));
    for (tag, since, expected) in [
        (tag.as_str(), past.as_str(), StatusCode::NOT_MODIFIED),
        ("W/\"other\"", future.as_str(), StatusCode::OK),
    ] {
        let headers = [("if-none-match", tag), ("if-modified-since", since), ("accept-encoding", "gzip")];
        let answer = app.get(PATH, &headers).await;
        assert_eq!(answer.status, expected, "{tag}");
        let encoding = if expected == StatusCode::OK { "gzip" } else { "" };
        assert_eq!(answer.header("content-encoding"), encoding, "{tag}");
    }
}

#[tokio::test]
async fn a_client_with_the_time_of_a_file_notices_every_later_change() {
    let app = TestApp::start().await;
    // Most of these changes are in the same second.
    for number in 0..20 {
        app.organization(&format!("o{number}"), "One").await;
        let sent = app.get(PATH, &[]).await.header("last-modified").to_owned();
        app.organization(&format!("p{number}"), "Two").await;
        let answer = app.get(PATH, &[("if-modified-since", &sent)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {sent}");
    }
}

#[tokio::test]
async fn the_days_of_a_file_lie_in_the_years_of_the_api() {
    let app = TestApp::start().await;
    for (period, status) in [
        ("from=9999-01-01&to=9999-01-02", StatusCode::BAD_REQUEST),
        ("from=2200-12-31&to=2201-01-01", StatusCode::BAD_REQUEST),
        ("from=1989-12-31&to=1990-01-01", StatusCode::BAD_REQUEST),
        ("from=2200-12-30&to=2200-12-31", StatusCode::OK),
        ("from=1990-01-01&to=1990-01-02", StatusCode::OK),
    ] {
        let answer = app.get(&format!("/export/statistics.csv?{period}"), &[]).await;
        assert_eq!(answer.status, status, "{period}");
        if status != StatusCode::OK {
            assert_eq!(answer.code(), "BAD_USER_INPUT");
            assert!(String::from_utf8_lossy(&answer.body).contains("in the years 1990 to 2200"), "{period}");
        }
    }
}
