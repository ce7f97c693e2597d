//! The queries of the benchmark fit the schema: they run without errors.

use std::{fs, path::Path};

use registry::model::Scope;
use serde_json::json;

use super::harness::{GATEWAY_SECRET, TestApp};

#[tokio::test]
async fn every_question_of_the_benchmark_has_an_answer() {
    let app = TestApp::start().await;
    let school = app.organization("school", "Школа № 5").await;
    app.page(school, "vk", "1").await;
    app.search_is_ready().await;
    let key = app.key("reviewer", Scope::Review).await;
    app.search_of_reviewers_is_ready().await;
    let variables = json!({
        "platformCode": "vk", "nativeId": "1", "code": "school", "region": "ru-28", "metric": "SUBSCRIBERS",
        "firstDay": "2026-01-01", "lastDay": "2026-02-28", "seq": 0, "words": "школа",
        "representations": [{ "__typename": "Page", "platformCode": "vk", "nativeId": "1" }],
    });
    let questions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/questions");
    for question in fs::read_dir(questions).expect("questions").map(|it| it.expect("a folder")) {
        let document = fs::read_to_string(question.path().join("registry.graphql")).expect("a document");
        let (path, bearer) = match document.contains("_entities") {
            true => ("/subgraph", GATEWAY_SECRET),
            false => ("/graphql", &*key),
        };
        let body = json!({ "query": document, "variables": variables });
        let answer = app.post(path, Some(bearer), &body).await.json();
        assert!(answer["errors"].is_null(), "{:?}: {answer}", question.file_name());
    }
}
