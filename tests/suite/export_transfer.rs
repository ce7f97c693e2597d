//! Transfers of files: who asks, what it costs, what a cache and a browser need.

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use registry::model::Scope;
use tower::ServiceExt;

use super::harness::TestApp;

async fn with_points(changes: &str) -> TestApp {
    let public = Limits::public().with(changes).expect("limits");
    let client_tiers = ClientTiers { public, ..ClientTiers::default() };
    TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await
}

#[tokio::test]
async fn a_key_has_points_of_its_own_and_a_wrong_one_none() {
    let app = with_points("points=600,per_second=1").await;
    let key = format!("Bearer {}", app.key("partner", Scope::Read).await);
    let path = "/export/pages.csv";
    let first = app.get(path, &[]).await;
    assert_eq!((first.status, first.header("registry-cost")), (StatusCode::OK, "500"));
    assert_eq!(first.header("x-ratelimit-limit"), "600");
    assert_eq!(app.get(path, &[]).await.status, StatusCode::TOO_MANY_REQUESTS, "everybody at this address");
    let partner = app.get(path, &[("authorization", &key)]).await;
    assert_eq!(partner.status, StatusCode::OK);
    assert_ne!(partner.header("x-ratelimit-limit"), "600", "the limits of partners");
    for wrong in ["Bearer reg_wrong", "Basic YTpi"] {
        let refused = app.get(path, &[("authorization", wrong)]).await;
        assert_eq!((refused.status, &*refused.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn an_error_has_the_format_of_the_file() {
    let app = with_points("points=5,per_second=1").await;
    let throttled = async |file: &str| {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "THROTTLED"),
            "{file}"
        );
        assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{file}");
        (answer.header("content-type").to_owned(), String::from_utf8(answer.body).expect("UTF-8"))
    };
    app.get("/export/pages.csv", &[]).await;
    let (media_type, text) = throttled("pages.csv").await;
    assert_eq!(media_type, "text/plain; charset=utf-8");
    assert!(text.starts_with("THROTTLED: ") && text.lines().count() == 1 && text.ends_with('\n'), "{text}");
    let (media_type, text) = throttled("pages.ndjson").await;
    assert_eq!(media_type, "application/x-ndjson");
    assert!(text.lines().count() == 1 && text.ends_with('\n'), "{text}");
    let (media_type, _) = throttled("statistics.parquet?from=2026-01-01&to=2026-01-02").await;
    assert_eq!(media_type, "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_sent_again() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    for path in ["/export/institutions.csv", "/export/statistics.ndjson?from=2026-01-01&to=2026-01-02"] {
        let first = app.get(path, &[]).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\"") && first.header("last-modified").ends_with(" GMT"), "{tag}");
        let again = app.get(path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!((again.header("etag"), again.header("registry-cost")), (&*tag, "10"));
        let other =
            app.get(&format!("{path}{}orderBy=NAME", if path.contains('?') { "&" } else { "?" }), &[]).await;
        assert_ne!(other.header("etag"), tag);
    }
    let tag = app.get("/export/institutions.csv", &[]).await.header("etag").to_owned();
    app.organization("two", "Two").await;
    let changed = app.get("/export/institutions.csv", &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn the_head_of_a_file_is_sent_without_the_file() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    for (path, name) in [
        ("/export/institutions.csv", "institutions-"),
        ("/export/statistics.csv?from=2026-01-01&to=2026-01-02", "statistics-2026-01-01-2026-01-02.csv"),
    ] {
        let head = app.send(Request::head(path).body(Body::empty()).expect("a request")).await;
        let file = app.get(path, &[]).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        for header in ["content-type", "content-disposition", "etag", "registry-seq", "content-length"] {
            assert_eq!(head.header(header), file.header(header), "{path}: {header}");
        }
        assert_eq!(head.header("registry-cost"), "10");
        assert!(file.header("content-disposition").contains(name), "{path}");
    }
}

#[tokio::test]
async fn a_file_is_compressed_as_the_client_accepts_it() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    let start: [(&str, &[u8]); 3] =
        [("gzip", &[0x1f, 0x8b]), ("zstd", &[0x28, 0xb5, 0x2f, 0xfd]), ("identity", "\u{feff}#".as_bytes())];
    for (encoding, bytes) in start {
        let file = app.get("/export/institutions.csv", &[("accept-encoding", encoding)]).await;
        assert!(file.body.starts_with(bytes), "{encoding}");
        let expected = if encoding == "identity" { "" } else { encoding };
        assert_eq!(file.header("content-encoding"), expected);
        let vary: Vec<_> = file.headers.get_all("vary").iter().filter_map(|it| it.to_str().ok()).collect();
        assert!(vary.join(", ").to_lowercase().contains("accept-encoding"), "{vary:?}");
    }
    for (accepted, expected) in [
        ("gzip;q=0", ""),
        ("gzip;q=0.5, zstd;q=0", "gzip"),
        ("zstd;q=0.2, gzip;q=0.3", "gzip"),
        ("identity, gzip; q=0.5", ""),
    ] {
        let file = app.get("/export/institutions.csv", &[("accept-encoding", accepted)]).await;
        assert_eq!(file.header("content-encoding"), expected, "{accepted}");
    }
}

#[tokio::test]
async fn scripts_of_any_site_read_files_also_with_a_key() {
    let app = TestApp::start().await;
    let preflight = Request::options("/export/pages.csv")
        .header("origin", "https://example.org")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization,if-none-match");
    let allowed = app.send(preflight.body(Body::empty()).expect("a request")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "*");
    assert!(allowed.header("access-control-allow-headers").contains("authorization"));
    for (path, status) in
        [("/export/pages.csv", StatusCode::OK), ("/export/nothing.csv", StatusCode::NOT_FOUND)]
    {
        let file = app.get(path, &[("origin", "https://example.org")]).await;
        assert_eq!((file.status, file.header("access-control-allow-origin")), (status, "*"));
        assert!(file.header("access-control-expose-headers").contains("content-disposition"));
    }
}

#[tokio::test]
async fn what_is_no_file_costs_hardly_anything() {
    let app = with_points("points=10000,per_second=1").await;
    for file in [
        "pages.csv?groupBy=KIND",
        "pages.csv?text=x",
        "pages.csv?filter=x",
        "pages.csv?filter=%7B%22platforms%22%3A%5B%22nowhere%22%5D%7D",
        "pages.csv?orderBy=",
        "coverage.csv?groupBy=MOON",
        "statistics.csv?from=2026-01-01&to=2026-01-02&platformCode=nope",
    ] {
        let refused = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!((refused.status, &*refused.code()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{file}");
        let cost: u64 = refused.header("registry-cost").parse().expect("a number");
        assert!((10..100).contains(&cost), "{file}: {cost}");
    }
    let last = app.get("/export/pages.csv?foo=1", &[]).await;
    let left: u64 = last.header("x-ratelimit-remaining").parse().expect("a number");
    assert!(left > 9_000, "{left}");
    let text = String::from_utf8_lossy(&last.body);
    assert!(text.contains("`filter`, `orderBy`") && !text.contains("groupBy"), "{text}");
}

#[tokio::test]
async fn a_fifth_download_costs_hardly_anything_and_the_head_of_a_file_is_no_download() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    let path = "/export/institutions.csv";
    let mut downloads = Vec::new();
    for _ in 0..4 {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        downloads.push(app.router().oneshot(request).await.expect("the router answers"));
    }
    assert!(downloads.iter().all(|download| download.status() == StatusCode::OK));
    let fifth = app.get(path, &[]).await;
    assert_eq!((fifth.status, &*fifth.code()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED"));
    assert_eq!(fifth.header("registry-cost"), "10");
    let head = app.send(Request::head(path).body(Body::empty()).expect("a request")).await;
    assert_eq!((head.status, head.header("registry-cost")), (StatusCode::OK, "10"));
    drop(downloads);
    assert_eq!(app.get(path, &[]).await.status, StatusCode::OK);
}
