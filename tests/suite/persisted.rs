//! Persisted documents: sent once, or listed by the operator.

use std::sync::Arc;

use api::{config::settings::Settings, document::persisted};
use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::harness::{Answer, GATEWAY_SECRET, TestApp};

const COUNT: &str = "query Count($first: Int!) { pages(first: $first) { totalCount } }";
const OTHER: &str = "{ institutions { totalCount } }";

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named(text: &str) -> Value {
    json!({ "version": 1, "sha256Hash": hash(text) })
}

async fn post(app: &TestApp, mut body: Value) -> Answer {
    body["variables"] = json!({ "first": 5 });
    app.post("/public/graphql", None, &body).await
}

#[tokio::test]
async fn a_document_that_was_sent_once_is_known_by_its_hash() {
    let app = TestApp::start().await;
    let by_hash = json!({ "extensions": { "persistedQuery": named(COUNT) } });
    let unknown = post(&app, by_hash.clone()).await;
    // Apollo clients look for this to send the whole document.
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::OK, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let sent = post(&app, json!({ "query": COUNT, "extensions": { "persistedQuery": named(COUNT) } })).await;
    assert_eq!(sent.json()["data"], json!({ "pages": { "totalCount": 0 } }));
    assert_eq!(post(&app, by_hash).await.json(), sent.json());
    for id in [hash(COUNT), format!("sha256:{}", hash(COUNT)), hash(COUNT).to_uppercase()] {
        assert_eq!(post(&app, json!({ "documentId": id })).await.json(), sent.json(), "{id}");
    }
    let get = app
        .get(&format!("/public/graphql?documentId={}&variables=%7B%22first%22:5%7D", hash(COUNT)), &[])
        .await;
    assert_eq!(get.json(), sent.json());
}

#[tokio::test]
async fn a_document_under_a_wrong_name_is_refused_and_not_remembered() {
    let app = TestApp::start().await;
    let wrong = json!({ "query": OTHER, "extensions": { "persistedQuery": named(COUNT) } });
    let answer = post(&app, wrong).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::BAD_REQUEST, "PERSISTED_QUERY_HASH_MISMATCH")
    );
    let unknown = post(&app, json!({ "extensions": { "persistedQuery": named(COUNT) } })).await;
    assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    for id in [hash(OTHER), "sha256:".into(), "é".repeat(32), "x".repeat(64), String::new()] {
        let answer = post(&app, json!({ "documentId": id })).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND"),
            "{id}"
        );
    }
}

#[tokio::test]
async fn only_listed_documents_are_answered_where_the_operator_wants_it_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("documents.json");
    std::fs::write(&file, json!({ format!("sha256:{}", hash(COUNT)): COUNT }).to_string()).expect("a file");
    let documents = persisted::read_list(&file).expect("a list");
    let app =
        TestApp::start_with(Settings { documents, only_listed_documents: true, ..Settings::default() }).await;
    for listed in [json!({ "documentId": hash(COUNT) }), json!({ "query": COUNT })] {
        assert_eq!(post(&app, listed).await.status, StatusCode::OK);
    }
    for other in [
        json!({ "query": OTHER }),
        json!({ "query": OTHER, "extensions": { "persistedQuery": named(OTHER) } }),
    ] {
        let answer = post(&app, other).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "DOCUMENT_NOT_LISTED"));
    }
}

#[test]
fn a_list_whose_names_are_wrong_is_reported_and_not_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("documents.json");
    for (text, wrong) in [
        (json!({ hash(OTHER): COUNT }).to_string(), "is not the SHA-256"),
        (json!([COUNT]).to_string(), "not a JSON object"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let error = persisted::read_list(&file).expect_err("no list");
        assert!(error.to_string().contains(wrong), "{error}");
    }
    let error = persisted::read_list(&folder.path().join("none.json")).expect_err("no file");
    assert!(error.to_string().contains("cannot read"), "{error}");
}

#[tokio::test]
async fn a_list_with_an_invalid_document_is_refused_at_the_start() {
    let mutation =
        "mutation($input: StatisticsSubmitInput!) { statisticsSubmit(input: $input) { __typename } }";
    let valid = [COUNT, mutation, "subscription { changes { seq } }"];
    for (other, problem) in
        [("{ institutions { __typename } }", None), ("{ nope }", Some("nope")), ("{", Some("syntax"))]
    {
        let documents =
            valid.iter().chain([&other]).map(|text| (persisted_hash(text), Arc::from(*text))).collect();
        let app = TestApp::start_with(Settings { documents, ..Settings::default() }).await;
        let checked = app.app.service().check_documents().await.map_err(|error| error.to_string());
        match problem {
            None => assert_eq!(checked, Ok(())),
            Some(problem) => {
                assert!(checked.clone().is_err_and(|text| text.contains(problem)), "{checked:?}")
            }
        }
    }
}

#[tokio::test]
async fn a_router_may_send_any_document_whatever_is_listed() {
    let listed = [(persisted_hash(COUNT), COUNT.into())].into();
    let settings = Settings { documents: listed, only_listed_documents: true, ..Settings::default() };
    let app = TestApp::start_with(settings).await;
    let rejected = app.post("/public/graphql", None, &json!({ "query": OTHER })).await;
    assert_eq!(rejected.code(), "DOCUMENT_NOT_LISTED");
    let answered =
        app.post("/subgraph", Some(GATEWAY_SECRET), &json!({ "query": "{ _service { sdl } }" })).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert!(answered.json()["data"]["_service"]["sdl"].is_string());
}

fn persisted_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
