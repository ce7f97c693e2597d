//! Documents are parsed and validated once; variables for each request.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::{TestApp, churn::generated};

const PAGES: &str = "query($first: Int!, $filter: PageFilter, $order: PageOrder = { field: TITLE }) {
    pages(first: $first, filter: $filter, orderBy: $order) { totalCount } }";
const VERIFY: &str =
    "query($url: String!, $asOf: DateTime) { verifyPage(url: $url, asOf: $asOf) { verdict } }";
const NESTED: &str =
    "query($platforms: [String!]!) { pages(first: 1, filter: { platforms: $platforms }) { totalCount } }";

/// Values that each document accepts, and values that it must reject.
fn cases() -> Vec<(&'static str, Value, Vec<Value>)> {
    let rejected_pages = vec![
        json!({}),
        json!({ "first": null }),
        json!({ "first": "1" }),
        json!({ "first": 1.5 }),
        json!({ "first": 99_999_999_999_i64 }),
        json!({ "first": [[1]] }),
        json!({ "first": { "n": 1 } }),
        json!({ "first": 1, "order": { "field": "CHAOS" } }),
        json!({ "first": 1, "order": { "field": "TITLE", "direction": "UP" } }),
        json!({ "first": 1, "order": { "direction": "DESC" } }),
        json!({ "first": 1, "order": "TITLE" }),
        json!({ "first": 1, "order": 1 }),
        json!({ "first": 1, "order": ["TITLE"] }),
        json!({ "first": 1, "filter": "all" }),
        json!({ "first": 1, "filter": [] }),
        json!({ "first": 1, "filter": { "planets": ["mars"] } }),
        json!({ "first": 1, "filter": { "platforms": [null] } }),
        json!({ "first": 1, "filter": { "platforms": [7] } }),
        json!({ "first": 1, "filter": { "lifecycles": ["DEAD"] } }),
        json!({ "first": 1, "filter": { "hasPosted": "yes" } }),
        json!({ "first": 1, "filter": { "registeredOn": { "from": 7 } } }),
        json!({ "first": 1, "filter": { "registeredOn": { "from": "the day before" } } }),
    ];
    vec![
        (
            PAGES,
            json!({ "first": 1, "filter": { "platforms": ["vk"], "lifecycles": ["REGISTERED"] } }),
            rejected_pages,
        ),
        (
            VERIFY,
            json!({ "url": "https://vk.com/a", "asOf": null }),
            vec![
                json!({ "asOf": null }),
                json!({ "url": 7 }),
                json!({ "url": "https://vk.com/a", "asOf": "soon" }),
            ],
        ),
        (NESTED, json!({ "platforms": "vk" }), vec![json!({}), json!({ "platforms": [[]] })]),
    ]
}

async fn answer(app: &TestApp, query: &str, variables: &Value) -> (StatusCode, Value) {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let request = axum::http::Request::post("/public/graphql")
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json");
    let answer = app.send(request.body(body.into()).expect("a request")).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_known_document_refuses_values_as_it_did_when_it_was_new() {
    for (query, accepted, rejected) in cases() {
        let (new, known) = (TestApp::start().await, TestApp::start().await);
        let first = answer(&known, query, &accepted).await;
        assert!(first.0 == StatusCode::OK && first.1.get("errors").is_none(), "{accepted}: {first:?}");
        for values in rejected {
            let expected = answer(&new, query, &values).await;
            assert!(expected.1.get("errors").is_some(), "{values}: {expected:?}");
            assert_eq!(answer(&known, query, &values).await, expected, "{values}");
        }
        assert_eq!(answer(&known, query, &accepted).await, first, "the document is still known as valid");
    }
}

/// Selections of an organization, in all forms that documents allow.
const SELECTIONS: [&str; 9] = [
    "code name",
    "b: code a: name code __typename",
    "parent { code } parent { name parent { code } } parent { code }",
    "pages(first: 2) { nodes { title } } pages(first: 2) { nodes { nativeId owner { code } } totalCount }",
    "... { code } ... on Node { id } ... on Organization { name }",
    "... on Institution { sector { code } authority { code ... on Authority { level } } } ... on Authority { branch }",
    "... on SearchItem { __typename ... on Organization { code } ... on LeaderboardSubject { ... on Node { id } } }",
    "...Named pages(first: 2) { edges { cursor node { ...OfPage } } pageInfo { hasNextPage } }",
    "ancestors { code children(first: 2) { nodes { ...Named __typename } } } pages(first: 1) { nodes { ...OfPage } }",
];
const FRAGMENTS: &str = "fragment Named on Organization { name ...Coded } fragment Coded on Node { id }
    fragment OfPage on Page { title owner { ...Named } statistics { latest { subscribers } } }";

#[tokio::test]
async fn an_answer_is_the_same_whether_or_not_a_field_beside_it_waits() {
    let app = generated(300).await;
    for selection in SELECTIONS {
        let fragments = if selection.contains("...Named") { FRAGMENTS } else { "" };
        let ask = async |waiting: &str| {
            let query = format!(
                "{{ pages(first: 20) {{ nodes {{ title owner {{ {selection} {waiting} }} }} }} }} {fragments}"
            );
            app.data(&query, json!({})).await
        };
        let alone = ask("").await;
        let mut beside = ask("waiting: history(first: 1) { totalCount }").await;
        let pages = beside["pages"]["nodes"].as_array_mut().expect("pages");
        assert_eq!(pages.len(), 20);
        for page in pages {
            let owner = page["owner"].as_object_mut().expect("an owner");
            owner.shift_remove("waiting").expect("the field that waits");
        }
        assert_eq!(alone.to_string(), beside.to_string(), "{selection}");
    }
}

#[tokio::test]
async fn a_default_value_decides_a_condition_as_a_value_that_is_sent_does() {
    let app = TestApp::start().await;
    let query = "query($a: Boolean! = true, $b: Boolean = false) { skipped: __typename @skip(if: $a)
        included: __typename @include(if: $a) other: __typename @include(if: $b) }";
    // The second time, the document is known, and the answers are cached.
    for _ in 0..2 {
        for (values, expected) in [
            (json!({}), json!({ "included": "Query" })),
            (json!({ "a": true, "b": false }), json!({ "included": "Query" })),
            (json!({ "a": false }), json!({ "skipped": "Query" })),
            (json!({ "b": true }), json!({ "included": "Query", "other": "Query" })),
        ] {
            assert_eq!(app.data(query, values.clone()).await, expected, "{values}");
        }
        for values in [json!({ "a": null }), json!({ "b": null })] {
            let answer = app.ask(query, values.clone()).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{values}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_variable_without_a_value_leaves_its_argument_out() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod").await;
    app.page(owner, "vk", "derevnya").await;
    let query =
        "query($n: Int, $order: PageOrder) { pages(first: $n, orderBy: $order) { nodes { handle } } }";
    for _ in 0..2 {
        let all = app.data(query, json!({})).await;
        assert_eq!(all, app.data("{ pages { nodes { handle } } }", json!({})).await);
        let one = app.data(query, json!({ "n": 1, "order": { "field": "TITLE" } })).await;
        assert_eq!(one["pages"]["nodes"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.data(query, json!({ "n": null })).await, all);
        let none = app.ask(query, json!({ "order": null })).await;
        assert_eq!(none["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{none}");
    }
}

#[tokio::test]
async fn a_document_of_several_operations_runs_the_one_that_is_named() {
    let app = TestApp::start().await;
    let query = "query A { a: __typename } query B($n: Int!) { pages(first: $n) { totalCount } }";
    let ask = |name: Option<&str>, n: Value| {
        let body = json!({ "query": query, "operationName": name, "variables": { "n": n } });
        let app = &app;
        async move { app.post("/public/graphql", None, &body).await.json() }
    };
    for _ in 0..2 {
        assert_eq!(ask(Some("A"), json!(1)).await["data"], json!({ "a": "Query" }));
        assert_eq!(ask(Some("B"), json!(1)).await["data"], json!({ "pages": { "totalCount": 0 } }));
        for (name, n, code) in [
            (None, json!(1), "OPERATION_RESOLUTION_FAILURE"),
            (Some("C"), json!(1), "OPERATION_RESOLUTION_FAILURE"),
            (Some("B"), json!("one"), "BAD_USER_INPUT"),
        ] {
            assert_eq!(ask(name, n.clone()).await["errors"][0]["extensions"]["code"], code, "{name:?} {n}");
        }
    }
}

#[tokio::test]
async fn a_document_known_to_one_endpoint_is_checked_by_another() {
    let app = TestApp::start().await;
    let key = app.key("reader", registry::model::Scope::Read).await;
    let query = json!({ "query": "mutation { statisticsSubmit(input: { rows: [] }) { stored } }" });
    for _ in 0..2 {
        let private = app.post("/graphql", Some(&key), &query).await;
        let public = app.post("/public/graphql", None, &query).await;
        assert_ne!(private.json(), public.json());
        assert_eq!(public.code(), "GRAPHQL_VALIDATION_FAILED", "{}", public.json());
    }
}

#[tokio::test]
async fn a_field_that_failed_is_null_or_what_holds_it_is() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "city").await;
    let ask = async |query: &str| app.ask(query, json!({})).await;
    // `changes` is non-null, so `data` is null.
    let whole = ask("{ platforms { code } changes(after: \"x\") { seq } }").await;
    assert_eq!(whole["data"], Value::Null);
    // `page` of a verdict is nullable: an error below it makes only `page` null.
    let part = ask(
        "{ verifyPage(url: \"vk.com/city\") { verdict page { title history(after: \"x\") { totalCount } } } }",
    )
    .await;
    assert_eq!(part["data"], json!({ "verifyPage": { "verdict": "OFFICIAL", "page": null } }), "{part}");
    // A list of non-null items is null as a whole.
    let list =
        ask("{ pages(first: 1) { totalCount nodes { title history(after: \"x\") { totalCount } } } }").await;
    assert_eq!(list["data"], Value::Null);
    let path = json!(["pages", "nodes", 0, "history"]);
    assert_eq!(list["errors"][0]["path"], path);
}

#[tokio::test]
async fn a_text_that_no_database_keeps_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let query = "query($url: String!) { verifyPage(url: $url) { verdict } }";
    let answer = app.ask(query, json!({ "url": "vk.com/a\u{0}b" })).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("$url") && text.contains("U+0000")));
}

#[tokio::test]
async fn an_object_without_selected_fields_is_empty_whatever_names_the_document_has() {
    let app = TestApp::start().await;
    for (query, expected) in [
        ("{ pages { totalCount @include(if: false) } }", json!({ "pages": {} })),
        ("{ pages { totalCount @include(if: false) } } # __notEmpty, not empty", json!({ "pages": {} })),
        ("{ __notEmpty: pages { totalCount @include(if: false) } }", json!({ "__notEmpty": {} })),
        (
            "query($no: Boolean! = false) { pages { __notEmpty: totalCount } b: pages { totalCount @include(if: $no) } }",
            json!({ "pages": { "__notEmpty": 0 }, "b": {} }),
        ),
        (
            "{ search(text: \"not empty __notEmpty\") @skip(if: true) { seq } pages { totalCount @skip(if: true) } }",
            json!({ "pages": {} }),
        ),
    ] {
        assert_eq!(app.data(query, json!({})).await, expected, "{query}");
    }
}

#[tokio::test]
async fn each_argument_of_a_variable_without_a_value_has_its_own_default() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    for number in 0..21 {
        app.page(owner, "vk", &format!("gorod_{number}")).await;
    }
    let (lists, fragment) = ("pages(first: $n) { nodes { handle } }", "changes(first: $n) { nodes { seq } }");
    let query = format!("query($n: Int) {{ {lists} ...F }} fragment F on Query {{ {fragment} }}");
    let written = "{ pages { nodes { handle } } changes { nodes { seq } } }";
    let length = |data: &Value, list: &str| data[list]["nodes"].as_array().map_or(0, Vec::len);
    for _ in 0..2 {
        let (left_out, expected) = (app.ask(&query, json!({})).await, app.ask(written, json!({})).await);
        assert_eq!(left_out["data"], expected["data"], "{left_out}");
        assert_eq!(left_out["extensions"]["cost"], expected["extensions"]["cost"]);
        assert_eq!(length(&left_out["data"], "pages"), 20);
        assert!(length(&left_out["data"], "changes") > 20);
        // The value is that of the variable alone, whatever else is sent.
        let two = app.data(&query, json!({ "n": 2, "n 20": 5, "n 100": 5 })).await;
        assert_eq!((length(&two, "pages"), length(&two, "changes")), (2, 2));
        let none = app.data(&query, json!({ "n 20": 5 })).await;
        assert_eq!(none, expected["data"]);
        let null = app.ask(&query, json!({ "n": null })).await;
        assert_eq!(null["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{null}");
    }
}
