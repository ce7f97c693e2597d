//! Limits: documents that exceed them are rejected before execution, with short messages.

use std::sync::atomic::Ordering;

use api::document::Limits;
use axum::http::StatusCode;
use registry::model::Scope;
use serde_json::{Value, json};

use super::harness::{Answer, TestApp};

/// Marker that is in every hostile document, and must be in no response.
const MARKER: &str = "bogeyman";

/// Sends an anonymous query.
pub async fn send(app: &TestApp, query: &str, variables: Value) -> Answer {
    app.post("/public/graphql", None, &json!({ "query": query, "variables": variables })).await
}

/// Concatenation of the parts with these numbers.
pub fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// Fragments that each spread the next one `fan` times.
fn nest(levels: usize, fan: usize) -> String {
    let next = |level: usize| repeated(fan, |_| format!("...F{}", level + 1));
    let fragments = repeated(levels, |level| format!("fragment F{level} on Query {{ {} }}", next(level)));
    format!("{{ ...F0 }} {fragments} fragment F{levels} on Query {{ {MARKER}: __typename }}")
}

/// An organization and its parents, `depth` levels deep.
fn parents(depth: usize) -> String {
    let open = "parent { ".repeat(depth - 2);
    format!("{{ organization: authority(code: \"{MARKER}\") {{ {open} code {}}} }}", "} ".repeat(depth - 2))
}

/// The same with each parent in a fragment, in an inline fragment, or alternately in either.
fn parents_by(depth: usize, way: impl Fn(usize) -> bool) -> String {
    let (mut document, mut fragments) = ("code".to_owned(), String::new());
    for level in 0..depth - 2 {
        document = if way(level) {
            fragments += &format!("fragment P{level} on Organization {{ {document} }} ");
            format!("parent {{ ...P{level} }}")
        } else {
            format!("parent {{ ... on Organization {{ {document} }} }}")
        };
    }
    format!("{{ authority(code: \"{MARKER}\") {{ {document} }} }} {fragments}")
}

fn hostile() -> Vec<(String, &'static str)> {
    let alias = |count| format!("{{ {} }}", repeated(count, |n| format!("{MARKER}{n}: __typename")));
    let directives = |count| repeated(count, |n| format!("@{MARKER}{n}"));
    let mut documents = vec![
        (alias(31), "TOO_MANY_ALIASES"),
        (alias(10_000), "TOO_MANY_ALIASES"),
        (nest(22, 2), "SELECTIONS_LIMIT"),
        (nest(8, 10), "SELECTIONS_LIMIT"),
        (nest(5, 30), "SELECTIONS_LIMIT"),
        (nest(24, 30), "SELECTIONS_LIMIT"),
        (format!("{{ ...A }} fragment A on Query {{ {MARKER}: __typename ...A }}"), "FRAGMENT_CYCLE"),
        (
            format!(
                "{{ ...A }} fragment A on Query {{ {MARKER}: __typename ...B }} fragment B on Query {{ ...C }} fragment C on Query {{ ...A }}"
            ),
            "FRAGMENT_CYCLE",
        ),
        (
            format!(
                "{{ {MARKER}: __typename }} fragment A on Query {{ ...B }} fragment B on Query {{ ...A }}"
            ),
            "FRAGMENT_CYCLE",
        ),
        (format!("{{ __typename {} }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("query {} {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("query($v: Int {}) {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ... {} {{ __typename }} }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ...A {} }} fragment A on Query {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ...A }} fragment A on Query {} {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ __typename {} }}", directives(10_000)), "DIRECTIVES_LIMIT"),
        (format!("{{ {} }}", format!("{MARKER} ").repeat(20_000)), "TOKEN_LIMIT"),
        (format!("{MARKER}{}", "{ a".repeat(60_000)), "DEPTH_LIMIT"),
        (format!("{{ {MARKER}(a: {}) }}", "[".repeat(1_500)), "DEPTH_LIMIT"),
        ("{ a ".repeat(400), "DEPTH_LIMIT"),
        (parents(13), "DEPTH_LIMIT"),
        (parents_by(13, |_| true), "DEPTH_LIMIT"),
        (parents_by(13, |_| false), "DEPTH_LIMIT"),
        (parents_by(13, |level| level % 2 == 0), "DEPTH_LIMIT"),
        (format!("{{ {} }}", "__typename ".repeat(21)), "ROOT_FIELDS_LIMIT"),
        (
            format!("{{ ...A ...A ...A }} fragment A on Query {{ {} }}", "__typename ".repeat(7)),
            "ROOT_FIELDS_LIMIT",
        ),
        (
            format!(
                "{{ __typename }} {}",
                repeated(51, |n| format!("fragment F{n} on Query {{ __typename }}"))
            ),
            "FRAGMENTS_LIMIT",
        ),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".into(),
            "INTROSPECTION_LIMIT",
        ),
        (
            "{ pages(first: 100) { nodes { owner { pages(first: 100) { nodes { title } } } } } }".into(),
            "COST_LIMIT",
        ),
        (format!("{{ {MARKER}( }}"), "GRAPHQL_PARSE_FAILED"),
        (format!("{{ {MARKER}{}: __typename }}", "x".repeat(250)), "TOKEN_LIMIT"),
        (
            format!("{{ search(text: \"{MARKER}{}\") {{ totalCount }} }}", "x".repeat(20_000)),
            "VARIABLES_LIMIT",
        ),
    ];
    documents.push((format!("{{ a(b: \"{MARKER}{}", "\\".repeat(3)), "GRAPHQL_PARSE_FAILED"));
    documents
}

#[tokio::test]
async fn a_hostile_document_is_refused_by_its_own_code_in_a_few_words() {
    let app = TestApp::start().await;
    for (document, code) in hostile() {
        let shown: String = document.chars().take(80).collect();
        // Whether or not it was sent before.
        for _ in 0..2 {
            let answer = send(&app, &document, json!({})).await;
            let text = String::from_utf8(answer.body.clone()).expect("UTF-8");
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::BAD_REQUEST, code),
                "{shown}: {text}"
            );
            assert!(answer.body.len() < 1_000 && !text.contains(MARKER), "{shown}: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_named() {
    let app = TestApp::start().await;
    for (document, named) in [
        (parents(13), "12 fields"),
        (format!("{{ a(b: {}1{}) }}", "[".repeat(64), "]".repeat(64)), "64 brackets"),
    ] {
        let answer = send(&app, &document, json!({})).await;
        let message = answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.code().as_str(), message.contains(named)), ("DEPTH_LIMIT", true), "{message}");
    }
}

#[tokio::test]
async fn a_document_at_each_limit_is_answered() {
    let app = TestApp::start().await;
    let documents = [
        format!("{{ {} }}", repeated(20, |n| format!("a{n}: __typename"))),
        parents(12),
        parents_by(12, |_| true),
        parents_by(12, |_| false),
        format!("{{ __typename {} }}", "@include(if: true)"),
        format!("{{ {} }}", "__typename ".repeat(20)),
        "{ ...A ...A } fragment A on Query { __typename }".into(),
        "{ __schema { types { fields { args { type { ofType { name } } } } } } }".into(),
        // Braces, commas and comments in unusual form.
        "\u{feff}# first\n{,,__typename#a{{{\n}".into(),
        r#"{ search(text: "a{{{{((((\"[[") { totalCount } verifyPage(url: """ """) { verdict } }"#.into(),
    ];
    for document in documents {
        let answer = send(&app, &document, json!({})).await;
        let json = answer.json();
        let code = json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert!(["", "SEARCH_NOT_READY"].contains(&code), "{document}: {json}");
    }
}

#[tokio::test]
async fn the_standard_introspection_is_open_to_everyone() {
    let app = TestApp::start().await;
    let query = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
        fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
    let data = app.data(query, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn variables_are_as_limited_as_documents() {
    let app = TestApp::start().await;
    let query = "query($urls: [String!]!) { verifyPages(urls: $urls) { verdict } }";
    let long = send(&app, query, json!({ "urls": vec!["a"; 251] })).await;
    assert_eq!(long.code(), "VARIABLES_LIMIT");
    // Errors repeat strings and keys, each time that they are misplaced.
    let key = send(&app, query, json!({ "urls": [], "more": { "z".repeat(300): 1 } })).await;
    assert_eq!((key.code().as_str(), key.body.len() < 300), ("TOKEN_LIMIT", true));
    let text = send(&app, query, json!({ "urls": ["z".repeat(20_000)] })).await;
    assert_eq!((text.code().as_str(), text.body.len() < 300), ("VARIABLES_LIMIT", true));
    let echo = "query($p: String!) { statisticsJumps(platformCode: $p) { totalCount } }";
    let echo = send(&app, echo, json!({ "p": "z".repeat(10_000) })).await;
    assert!(echo.body.len() < 800, "{}", echo.body.len());
    let deep = format!(
        r#"{{"query":"{{ __typename }}","variables":{{"a":{}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let request = axum::http::Request::post("/public/graphql").header("content-type", "application/json");
    let answer = app.send(request.body(deep.into()).expect("a request")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
}

#[tokio::test]
async fn what_costs_too_much_reads_nothing() {
    let app = TestApp::start().await;
    let before = app.statements.load(Ordering::Relaxed);
    let query = "query($n: Int!) { pages(first: $n) { nodes { owner { pages(first: 100) { nodes { history(first: 100) { nodes { at } } } } } } } }";
    let answer = send(&app, query, json!({ "n": 100 })).await;
    assert_eq!(answer.code(), "COST_LIMIT");
    assert_eq!(app.statements.load(Ordering::Relaxed), before);
}

#[tokio::test]
async fn a_key_may_ask_for_more_and_an_internal_one_for_more_still() {
    let app = TestApp::start().await;
    let (partner, internal) =
        (app.key("partner", Scope::Read).await, app.key("dashboard", Scope::Internal).await);
    let query = |pages: usize| json!({ "query": format!("{{ pages(first: 100) {{ nodes {{ owner {{ pages(first: {pages}) {{ nodes {{ {} }} }} }} }} }} }}", "title ".repeat(8)) });
    for (pages, public, with_key) in [(10, "", ""), (60, "COST_LIMIT", ""), (100, "COST_LIMIT", "COST_LIMIT")]
    {
        assert_eq!(app.post("/public/graphql", None, &query(pages)).await.code(), public);
        assert_eq!(app.post("/graphql", Some(&partner), &query(pages)).await.code(), with_key);
        assert_eq!(app.post("/graphql", Some(&internal), &query(pages)).await.code(), "");
    }
}

#[test]
fn limits_are_set_by_name() {
    let limits = Limits::public().with(" depth = 14,cost=2000 ,").expect("limits");
    assert_eq!((limits.depth, limits.cost, limits.tokens), (14, 2_000, Limits::public().tokens));
    for (text, wrong) in [
        ("depth", "LIMIT=NUMBER"),
        ("depth=0", "above zero"),
        ("depth=x", "above zero"),
        ("depth=1000000", "at most 64"),
        ("width=3", "`width`"),
    ] {
        let error = Limits::public().with(text).expect_err("no limits");
        assert!(error.contains(wrong), "{error}");
    }
}
