//! Texts of documents: escapes in strings, and names of operations and fragments.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::TestApp;

#[tokio::test]
async fn characters_may_be_escaped_in_all_forms_of_the_specification() {
    let app = TestApp::start().await;
    app.organization("school-1", "School \u{10400}").await;
    let count = async |name: &str| {
        let query = format!("{{ organizations(filter: {{ name: \"{name}\" }}) {{ totalCount }} }}");
        app.data(&query, json!({})).await["organizations"]["totalCount"].take()
    };
    let plain = count("School \u{10400}").await;
    assert_eq!(plain, 1);
    for name in [r"School \uD801\uDC00", r"School \u{10400}", r"\u{53}\u0063hool\u{20}\ud801\udc00"] {
        assert_eq!(count(name).await, plain, "{name}");
    }
    assert_eq!(count(r"School \u{10401}").await, 0);
}

#[tokio::test]
async fn positions_behind_an_escape_are_those_of_the_text() {
    let app = TestApp::start().await;
    let query = r#"{ verifyPage(url: "\uD83D\uDE00\u{1F600}") { nothing } }"#;
    let answer = app.ask(query, json!({})).await;
    let column = query.find("nothing").expect("the field") + 1;
    assert_eq!(answer["errors"][0]["locations"], json!([{ "line": 1, "column": column }]), "{answer}");
}

#[tokio::test]
async fn an_escape_that_is_no_character_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    for escape in [r"\uD83D", r"\uDE00", r"\uD83D\uD83D", r"\u{D83D}\u{DE00}", r"\u{110000}"] {
        let query = format!("{{ verifyPage(url: \"{escape}\") {{ verdict }} }}");
        let error = app.ask(&query, json!({})).await["errors"][0].take();
        assert_eq!(error["extensions"]["code"], "GRAPHQL_PARSE_FAILED", "{escape}");
        assert!(
            error["message"].as_str().is_some_and(|text| text.contains("surrogates")),
            "{escape}: {error}"
        );
    }
}

#[tokio::test]
async fn names_given_twice_are_errors_of_validation() {
    let app = TestApp::start().await;
    for (query, operation) in [
        ("query A { __typename } query A { __typename }", json!("A")),
        ("query A { __typename } { __typename }", Value::Null),
        ("{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }", Value::Null),
    ] {
        let body = json!({ "query": query, "operationName": operation });
        let answer = app.post("/public/graphql", None, &body).await;
        let expected = (StatusCode::UNPROCESSABLE_ENTITY, "GRAPHQL_VALIDATION_FAILED".to_owned());
        assert_eq!((answer.status, answer.code()), expected, "{query}");
    }
}
