//! A search index that lags behind the log: searches wait for it, and say how new their results are.

use axum::http::StatusCode;
use registry::{change_log::Registry, view::Viewer};
use serde_json::json;

use super::harness::{Answer, TestApp};

const SEARCH: &str = "/public/graphql?query=%7Bsearch(text:%22zhuravlik%22)%7BtotalCount%20seq%7D%7D";
const FILE: &str = "/export/search.csv?text=zhuravlik";
const MIN_SEQ: &str = "registry-min-seq";

/// Number of organizations in a file.
fn rows(file: &Answer) -> usize {
    String::from_utf8_lossy(&file.body).matches("Zhuravlik").count()
}

#[tokio::test]
async fn a_search_right_after_a_write_finds_what_was_written() {
    let app = TestApp::start().await;
    app.search_is_ready().await;
    for number in 1..=15 {
        app.organization(&format!("o{number}"), "Zhuravlik").await;
        let seq = app.registry.snapshot().seq();
        let written = seq.to_string();
        let found = app.get(SEARCH, &[(MIN_SEQ, &written)]).await;
        assert_eq!((found.status, found.header("registry-seq")), (StatusCode::OK, written.as_str()));
        assert_eq!(found.json()["data"], json!({ "search": { "totalCount": number, "seq": seq } }));
        app.organization(&format!("p{number}"), "Another").await;
        let written = app.registry.snapshot().seq().to_string();
        let file = app.get(FILE, &[(MIN_SEQ, &written)]).await;
        assert_eq!((file.status, file.header("registry-seq")), (StatusCode::OK, written.as_str()));
        assert_eq!(rows(&file), number);
    }
}

#[tokio::test]
async fn results_of_an_index_that_lags_are_no_newer_than_the_index() {
    let app = TestApp::start().await;
    app.organization("o1", "Zhuravlik").await;
    // It does not follow the log, so its index stays at its sequence number.
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let indexed = other.snapshot().seq();
    let search = app.app.service().search();
    search.start(&other);
    search.reached(Viewer::Public, indexed).await;
    app.organization("o2", "Zhuravlik").await;
    let written = app.registry.snapshot().seq().to_string();
    let required = [(MIN_SEQ, written.as_str())];
    let (found, file, no_results, no_file) = tokio::join!(
        app.get(SEARCH, &[]),
        app.get(FILE, &[]),
        app.get(SEARCH, &required),
        app.get(FILE, &required)
    );
    let indexed = indexed.to_string();
    assert_eq!((found.status, found.header("registry-seq")), (StatusCode::OK, indexed.as_str()));
    assert_eq!(found.json()["data"]["search"]["totalCount"], 1);
    assert_eq!(
        (file.status, file.header("registry-seq"), rows(&file)),
        (StatusCode::OK, indexed.as_str(), 1)
    );
    assert!(String::from_utf8_lossy(&file.body).contains(&format!("seq: {indexed}")), "its comment row, too");
    for rejected in [no_results, no_file] {
        assert_eq!(
            (rejected.status, rejected.code()),
            (StatusCode::SERVICE_UNAVAILABLE, "SEQ_NOT_REACHED".into())
        );
    }
    // The response is not kept as one of the later sequence number.
    let again = app.get(SEARCH, &[]).await;
    assert_eq!((again.status, again.header("registry-seq")), (StatusCode::OK, indexed.as_str()));
    // Nothing but a search waits for the index.
    let other = app.get("/public/graphql?query=%7B__typename%7D", &required).await;
    assert_eq!((other.status, other.header("registry-seq")), (StatusCode::OK, written.as_str()));
}
