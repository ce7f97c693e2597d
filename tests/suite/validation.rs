//! Rules of validation that async-graphql lacks: fields that cannot be merged, and values that their position does not accept.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    federation::answered,
    harness::{Answer, GATEWAY_SECRET, TestApp},
};

async fn ask(app: &TestApp, query: &str, variables: Value) -> Answer {
    app.post("/public/graphql", None, &json!({ "query": query, "variables": variables })).await
}

/// The only error of a document that is not valid.
fn only_error(answer: &Answer, of: &str) -> Value {
    let json = answer.json();
    let (status, code) = (StatusCode::UNPROCESSABLE_ENTITY, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{of}: {json:#}");
    assert_eq!(json["errors"].as_array().map(Vec::len), Some(1), "{of}: {json:#}");
    json["errors"][0].clone()
}

#[tokio::test]
async fn fields_that_cannot_be_merged_are_refused_and_not_mixed() {
    let app = TestApp::start().await;
    for query in [
        "{ verifyPage(url: \"vk.com/a_thing_1\") { url } ...F } fragment F on Query { verifyPage(url: \"vk.com/x\") { verdict } }",
        "{ organization(code: \"a\") { code } ...F } fragment F on Query { organization(code: \"b\") { name } }",
        "{ pages(first: 1) { nodes { id } } ... on Query { pages(first: 1, orderBy: { field: TITLE }) { nodes { title } } } }",
        "{ a: pages(first: 1) { x: totalCount } a: pages(first: 1) { x: nodes { id } } }",
        "{ organizations { nodes { ... on Authority { x: level } ... on Institution { x: code } } } }",
        "{ pages(first: 1) { totalCount } pages(first: 2) { totalCount } }",
    ] {
        // The second time, the document is known.
        for _ in 0..2 {
            let error = only_error(&ask(&app, query, json!({})).await, query);
            let message = error["message"].as_str().unwrap_or_default();
            assert!(
                message.starts_with("Fields `") && message.contains("` conflict: "),
                "{query}: {message}"
            );
            assert_eq!(error["locations"].as_array().map(Vec::len), Some(2), "{query}");
        }
    }
    let entities = "query($a: [_Any!]!, $b: [_Any!]!) { _entities(representations: $a) { __typename } ...F }
        fragment F on Query { _entities(representations: $b) { ... on Page { title } } }";
    let answer = answered(&app, entities, json!({ "a": [], "b": [] })).await;
    only_error(&answer, entities);
}

#[tokio::test]
async fn fields_of_different_objects_may_share_a_key_in_fragments_of_any_form() {
    let app = TestApp::start().await;
    app.organization("o", "City").await;
    for selection in [
        "... on Authority { ... { x: name } } ... on Institution { ... { x: code } }",
        "... on Authority { ... @include(if: true) { x: name } } ... on Institution { ... { ... { x: code } } }",
        "... on Authority { x: __typename @skip(if: false) } ... on Institution { ... @skip(if: false) { x: code } }",
        "... on Node { ... on Authority { ... { x: name } } } ... on Institution { ... { x: code } }",
        "... on Authority { ... { x: pages { totalCount } } } ... on Institution { ... { y: code ... { x: code } } }",
        "...A ...I",
    ] {
        let fragments = "fragment A on Authority { ... { x: name } }
            fragment I on Institution { ... @include(if: true) { x: code } }";
        let fragments = if selection.contains("...A") { fragments } else { "" };
        let query = format!("{{ organizations(first: 1) {{ nodes {{ {selection} }} }} }} {fragments}");
        let answer = ask(&app, &query, json!({})).await;
        if selection.contains("totalCount") {
            // Their values must have the same form all the same.
            only_error(&answer, &query);
        } else {
            assert_eq!(answer.json()["data"]["organizations"]["nodes"][0], json!({ "x": "o" }), "{query}");
        }
    }
    for selection in [
        "... on Institution { ... { x: name } ... { x: code } }",
        "... on Institution { ... { x: name } } ... on Node { ... { x: id } }",
        "... { x: name } ... { x: code }",
    ] {
        let query = format!("{{ organizations(first: 1) {{ nodes {{ {selection} }} }} }}");
        let error = only_error(&ask(&app, &query, json!({})).await, &query);
        assert!(error["message"].as_str().is_some_and(|it| it.contains("` conflict: ")), "{error}");
    }
}

#[tokio::test]
async fn all_errors_of_a_document_are_reported_together_and_once() {
    let app = TestApp::start().await;
    let query = "query($f: PageFiltre) { a: nothing a: pages(filter: $f) { totalCount } ... on Query { a: platforms { code } } }";
    let answer = ask(&app, query, json!({})).await.json();
    let errors = answer["errors"].as_array().expect("errors");
    let count = |text: &str| {
        errors.iter().filter(|it| it["message"].as_str().is_some_and(|it| it.contains(text))).count()
    };
    assert_eq!(
        (count("Unknown type"), count("Unknown field"), count("Fields `a` conflict")),
        (1, 1, 1),
        "{answer:#}"
    );
    only_error(&ask(&app, "mutation { x }", json!({})).await, "a mutation");
    let merged = "{ pages(first: 0) { totalCount } pages(first: 0) { nodes { id } } }";
    let answer = ask(&app, merged, json!({})).await.json();
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer:#}");
}

#[tokio::test]
async fn a_variable_of_another_type_is_refused_whatever_was_sent_before() {
    let app = TestApp::start().await;
    for (query, variables) in [
        ("query($p: [String]) { pages(filter: { platforms: $p }) { totalCount } }", json!({ "p": [null] })),
        ("query($p: [String]) { pages(filter: { platforms: $p }) { totalCount } }", json!({ "p": ["vk"] })),
        ("query($n: String) { pages(first: $n) { totalCount } }", json!({ "n": 5 })),
        ("query($x: Boolean) { platforms { code @include(if: $x) } }", json!({})),
        ("query($x: String) { platforms { code @skip(if: $x) } }", json!({ "x": "true" })),
        ("query($u: String) { verifyPage(url: $u) { verdict } }", json!({ "u": "vk.com/a" })),
        ("query($o: String) { pages(orderBy: $o) { totalCount } }", json!({ "o": "TITLE" })),
    ] {
        let first = ask(&app, query, variables.clone()).await;
        let error = only_error(&first, query);
        assert!(
            error["message"].as_str().is_some_and(|it| it.starts_with("The variable `$")),
            "{query}: {error}"
        );
        assert_eq!(ask(&app, query, variables).await.body, first.body, "{query}");
    }
}

#[tokio::test]
async fn null_is_refused_where_no_value_is_accepted() {
    let app = TestApp::start().await;
    let query = "query($n: Int) { pages(first: $n) { totalCount } changes(first: $n) { seq } }";
    let first = ask(&app, query, json!({ "n": null })).await;
    assert_eq!(first.code(), "BAD_USER_INPUT", "{:#}", first.json());
    assert!(ask(&app, query, json!({ "n": 5 })).await.json().get("errors").is_none());
    let known = ask(&app, query, json!({ "n": null })).await;
    assert_eq!((known.status, known.body), (first.status, first.body));
    for query in [
        "{ pages(orderBy: null) { totalCount } }",
        "query($o: PageOrder) { pages(orderBy: $o) { totalCount } }",
    ] {
        let refused = ask(&app, query, json!({ "o": null })).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{query}");
        let refused = refused.json();
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("\"orderBy\"") && message.contains("omit it"), "{message}");
    }
    // Where there is no default, nothing is to be omitted; nor is another wrong value.
    for query in ["{ page(url: null) { url } }", "{ pages(orderBy: { field: NAME }) { totalCount } }"] {
        let refused = ask(&app, query, json!({})).await.json();
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("Invalid value") && !message.contains("omit it"), "{message}");
    }
}

#[tokio::test]
async fn literals_are_refused_as_the_specification_demands() {
    let app = TestApp::start().await;
    for (query, message) in [
        (
            "{ pages(filter: { platforms: [\"telegram\"], platforms: [\"vk\"] }) { totalCount } }",
            "The input field `platforms` is given twice; give it once.",
        ),
        (
            "{ pages(filter: { lifecycles: [\"REGISTERED\"] }) { totalCount } }",
            "Invalid value at `filter.lifecycles[0]`: write the enum value without quotes.",
        ),
        (
            "query($o: PageOrderField = \"TITLE\") { pages(orderBy: { field: $o }) { totalCount } }",
            "Invalid value at `$o`: write the enum value without quotes.",
        ),
    ] {
        assert_eq!(only_error(&ask(&app, query, json!({})).await, query)["message"], message, "{query}");
    }
}

#[tokio::test]
async fn typename_is_checked_as_other_fields_are() {
    let app = TestApp::start().await;
    for (query, part) in [
        ("{ __typename { a } }", "has no fields"),
        ("{ __typename { ...Nope } }", "has no fields"),
        ("{ __schema { __typename { a } } }", "has no fields"),
        ("{ platforms { ...F } } fragment F on Platform { __typename { a } }", "has no fields"),
        ("{ __typename(x: 1) }", "has no arguments"),
        ("{ platforms { code __typename(x: $y) } }", "has no arguments"),
        ("{ __typename @deprecated }", "may not be used on \"FIELD\""),
    ] {
        let error = only_error(&ask(&app, query, json!({})).await, query);
        assert!(error["message"].as_str().is_some_and(|text| text.contains(part)), "{query}: {error}");
    }
}

#[tokio::test]
async fn a_number_out_of_range_is_reported_with_its_path() {
    let app = TestApp::start().await;
    let by_variable = "query($n: Int!) { pages(first: $n) { totalCount } }";
    let (int, safe) = ("an integer from -2^31 to 2^31-1", "an integer from -2^53+1 to 2^53-1");
    // The second time, the documents are known.
    for _ in 0..2 {
        for (query, variables, path, form) in [
            ("{ pages(first: 99999999999) { totalCount } }", json!({}), "first", int),
            (by_variable, json!({ "n": 99_999_999_999_i64 }), "first", int),
            (
                "{ pages(filter: { subscribers: { from: 9007199254740993 } }) { totalCount } }",
                json!({}),
                "filter.subscribers.from",
                safe,
            ),
        ] {
            let answer = ask(&app, query, variables).await;
            let expected = format!("Invalid value at `{path}`: write {form}.");
            assert_eq!(
                (answer.code().as_str(), &answer.json()["errors"][0]["message"]),
                ("BAD_USER_INPUT", &json!(expected)),
                "{query}"
            );
        }
        assert!(ask(&app, by_variable, json!({ "n": 5 })).await.json().get("errors").is_none());
    }
}

#[tokio::test]
async fn fields_that_are_not_selected_do_not_decide_the_order() {
    let app = TestApp::start().await;
    app.organization("o", "City").await;
    let history = "h: history(first: 1) { totalCount }";
    for selection in [
        format!("... on Authority {{ {history} }} n: name {history}"),
        format!("...F n: name {history}"),
        format!("h: history(first: 1) @skip(if: true) {{ totalCount }} n: name {history}"),
        format!("... @include(if: $no) {{ {history} }} n: name {history}"),
        format!(
            "... on Node {{ ... on Authority {{ {history} }} }} n: name ... on Institution {{ {history} }}"
        ),
    ] {
        let query = format!(
            "query($no: Boolean! = false) {{ organizations(first: 1) {{ nodes {{ {selection} code @include(if: $no) }} }} }}
             fragment F on Authority {{ {history} }}"
        );
        let query =
            if selection.contains("...F") { query } else { query.replace("fragment F", "# fragment F") };
        let node = app.data(&query, json!({})).await["organizations"]["nodes"][0].take();
        let keys: Vec<_> = node.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["n", "h"], "{query}");
    }
    let root = "query($no: Boolean = false) { c: changes(first: 1) @include(if: $no) { seq } p: platforms { code } c: changes(first: 1) { seq } }";
    let data = app.data(root, json!({})).await;
    assert_eq!(data.as_object().expect("an object").keys().collect::<Vec<_>>(), ["p", "c"]);
}

#[tokio::test]
async fn representations_of_other_operations_do_not_count() {
    let app = TestApp::start().await;
    let query = "query A($r: [_Any!]!) { ...F } query B($r: [_Any!]!) { ...F }
        fragment F on Query { _entities(representations: $r) { __typename } }";
    let of = |count: usize| vec![json!({ "__typename": "Platform", "code": "vk" }); count];
    for (count, is_accepted) in [(600, true), (1_001, false)] {
        let body = json!({ "query": query, "operationName": "A", "variables": { "r": of(count) } });
        let answer = app.post("/subgraph", Some(GATEWAY_SECRET), &body).await;
        let expected = if is_accepted { "" } else { "REPRESENTATIONS_LIMIT" };
        assert_eq!(answer.code(), expected, "{count}");
    }
}

#[tokio::test]
async fn arguments_of_both_directions_are_refused() {
    let app = TestApp::start().await;
    for (arguments, part) in [
        ("first: 1, last: 1", "either `first` or `last`"),
        ("last: 1, after: \"x\"", "with `last`, give `before`"),
        ("before: \"x\"", "goes with `last`"),
        ("first: 1, before: \"x\"", "goes with `last`"),
        ("last: 0", "`last` must be from 1 to 100"),
        ("last: 101", "`last` must be from 1 to 100"),
    ] {
        for list in ["pages", "organizations", "authorities", "institutions", "uncovered", "territories"] {
            let answer = app.ask(&format!("{{ {list}({arguments}) {{ totalCount }} }}"), json!({})).await;
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
            assert!(error["message"].as_str().is_some_and(|text| text.contains(part)), "{answer}");
        }
    }
    let mut messages = Vec::new();
    for arguments in ["last: 1, before: \"x\"", "first: 1, after: \"x\""] {
        let answer = app.ask(&format!("{{ pages({arguments}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{answer}");
        messages.push(answer["errors"][0]["message"].as_str().expect("a message").to_owned());
    }
    // It is the same for both, so it may name neither.
    assert!(messages[0] == messages[1] && !messages[0].contains("after"), "{messages:?}");
    // Null is no value.
    app.data("{ pages(first: null, last: 1, after: null) { totalCount } }", json!({})).await;
}
