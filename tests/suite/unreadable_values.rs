//! Values that a scalar cannot read: they are reported with their path, and lose their own row alone.

use axum::http::StatusCode;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    statistics::{day, is_sound, old_page, statuses, submit},
};

/// Message and code of the only error of a response.
fn error(answer: &Value) -> (&str, &str) {
    let error = &answer["errors"][0];
    (error["message"].as_str().unwrap_or_default(), error["extensions"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_row_with_a_value_that_cannot_be_read_is_lost_alone() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let row = |name: &str, value: Value| {
        let mut row = json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 5 });
        row[name] = value;
        row
    };
    let rows = json!([
        row("views", json!(7)),
        row("day", json!("2026-02-30")),
        row("day", json!(7)),
        row("recordedAt", json!("noon")),
        row("subscribers", json!("5")),
        row("views", json!(1.5)),
        row("page", json!({ "url": ["https://vk.com/club1"] })),
        row("day", json!(day(2))),
        row("page", json!({ "id": "404" })),
    ]);
    // The second time, the document is known.
    for stored in ["STORED", "DUPLICATE"] {
        let payload = submit(&app, &key, rows.clone()).await;
        let mut expected = vec!["REJECTED MALFORMED"; 9];
        (expected[0], expected[7], expected[8]) = (stored, stored, "REJECTED PAGE_NOT_FOUND");
        assert_eq!(statuses(&payload), expected);
    }
    let query =
        "mutation($i: StatisticsSubmitInput!) { statisticsSubmit(input: $i) { results { index message } } }";
    let body = json!({ "query": query, "variables": { "i": { "rows": rows } } });
    let answer = app.post("/graphql", Some(&key), &body).await.json();
    let results = &answer["data"]["statisticsSubmit"]["results"];
    assert_eq!(
        results[1],
        json!({ "index": 1, "message": "Invalid value at `input.rows[1].day`: write it as \"2026-11-22\", a day that exists." })
    );
    let text = results[5]["message"].as_str().expect("a message");
    assert!(text.starts_with("Invalid value at `input.rows[5].views`: write an integer"), "{text}");
    is_sound(&app).await;
}

#[tokio::test]
async fn a_row_in_the_document_with_a_value_that_cannot_be_read_is_lost_alone() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let query = format!(
        "mutation($views: SafeInt) {{ statisticsSubmit(input: {{ rows: [
            {{ page: {{ native: {{ platformCode: \"vk\", nativeId: 1 }} }}, day: \"soon\", views: 1 }}
            {{ page: {{ native: {{ platformCode: \"vk\", nativeId: 1 }} }}, day: \"{}\", views: $views }} ] }}) {{
            results {{ index status code isJump message }} }} }}",
        day(1)
    );
    for (views, expected) in [
        (json!(3), ["REJECTED MALFORMED", "STORED"]),
        (json!("3"), ["REJECTED MALFORMED", "REJECTED MALFORMED"]),
        (json!(3), ["REJECTED MALFORMED", "DUPLICATE"]),
    ] {
        let body = json!({ "query": query, "variables": { "views": views } });
        let answer = app.post("/graphql", Some(&key), &body).await.json();
        assert_eq!(statuses(&answer["data"]["statisticsSubmit"]), expected, "{answer}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_reported_with_its_path() {
    let app = TestApp::start().await;
    let filtered = "query($filter: PageFilter) { pages(filter: $filter) { totalCount } }";
    let written = "{ pages(filter: { registeredOn: { from: \"soon\" } }) { totalCount } }";
    let past = "query($at: DateTime) { one: platforms { code } ... { verifyPage(url: \"vk.com/a\", asOf: $at) { verdict } } }";
    let day = "write it as \"2026-11-22\", a day that exists";
    let timestamp = "write it as \"2026-11-22T07:06:00Z\"";
    // The second time, the documents are known.
    for _ in 0..2 {
        for (query, values, path, form) in [
            (
                filtered,
                json!({ "filter": { "registeredOn": { "from": "soon" } } }),
                "filter.registeredOn.from",
                day,
            ),
            (written, json!({}), "filter.registeredOn.from", day),
            (filtered, json!({ "filter": { "registeredOn": 7 } }), "filter.registeredOn", "write an object"),
            (past, json!({ "at": "soon" }), "asOf", timestamp),
            (past, json!({ "at": 7 }), "asOf", timestamp),
        ] {
            let answer = app.ask(query, values.clone()).await;
            let expected = format!("Invalid value at `{path}`: {form}.");
            assert_eq!(error(&answer), (&*expected, "BAD_USER_INPUT"), "{query} {values}");
        }
        // A word in place of an object, as before orders had a direction.
        for (query, values, form) in [
            (
                "{ pages(orderBy: SUBSCRIBERS_DESC) { totalCount } }",
                json!({}),
                "write an object: `{ field: SUBSCRIBERS, direction: DESC }`",
            ),
            (
                "query($o: PageOrder! = { field: TITLE }) { pages(orderBy: $o) { totalCount } }",
                json!({ "o": "TITLE" }),
                "write an object: `{ field: TITLE }`",
            ),
            ("{ pages(orderBy: NAME_DESC) { totalCount } }", json!({}), "write an object"),
        ] {
            let answer = app.ask(query, values).await;
            let expected = format!("Invalid value at `orderBy`: {form}.");
            assert_eq!(error(&answer), (&*expected, "BAD_USER_INPUT"), "{query}");
        }
        // A value of another type is refused before execution, with its path.
        let answer = app.ask(filtered, json!({ "filter": { "platforms": ["vk", 7] } })).await;
        let (message, code) = error(&answer);
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("\"filter.platforms[1]\""), "{message}");
        assert!(app.ask(filtered, json!({ "filter": null })).await.get("errors").is_none());
    }
}

#[tokio::test]
async fn a_call_sent_again_gets_the_first_answer_to_the_byte() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let query = "mutation($input: StatisticsSubmitInput!) { statisticsSubmit(input: $input) {
        results { index status code message isJump } userErrors { code message field } seq } }";
    let rows = |bad: &str| {
        json!([
            { "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 10 },
            { "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": bad, "subscribers": 10 },
            { "page": { "native": { "platformCode": "vk", "nativeId": "404" } }, "day": day(1), "subscribers": 10 },
        ])
    };
    let send = async |rows: Value| {
        let body =
            json!({ "query": query, "variables": { "input": { "rows": rows, "idempotencyKey": "a" } } });
        app.post("/graphql", Some(&key), &body).await
    };
    let first = send(rows("soon")).await;
    assert_eq!(first.status, StatusCode::OK);
    let seq = app.registry.snapshot().seq();
    assert_eq!(first.json()["data"]["statisticsSubmit"]["seq"], json!(seq));
    // The log goes on, and another write replaces the value.
    app.organization("school-2", "School No. 2").await;
    let later = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 11 }]);
    assert_eq!(statuses(&submit(&app, &key, later).await), ["REPLACED"]);
    assert!(app.registry.snapshot().seq() > seq);
    assert_eq!(send(rows("soon")).await.body, first.body);
    // Another value that cannot be read makes another call.
    let other = send(rows("later")).await.json();
    assert_eq!(other["data"]["statisticsSubmit"]["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{other}");
}

#[tokio::test]
async fn an_integer_that_is_too_large_for_an_id_is_written_in_quotes() {
    let app = TestApp::start().await;
    let by_variable = "query($id: ID!) { pageByNativeId(platformCode: \"vk\", nativeId: $id) { title } }";
    for (id, is_read) in [
        (json!(i64::MAX), true),
        (json!("12345678901234567890"), true),
        (json!(12_345_678_901_234_567_890_u64), false),
    ] {
        let literal = format!("{{ pageByNativeId(platformCode: \"vk\", nativeId: {id}) {{ title }} }}");
        for (query, values) in [(by_variable, json!({ "id": id })), (&*literal, json!({}))] {
            let answer = app.ask(query, values).await;
            let (message, code) = error(&answer);
            assert_eq!(code, if is_read { "" } else { "BAD_USER_INPUT" }, "{query}: {answer}");
            assert_eq!(
                message.ends_with("write a text, or an integer from -2^63 to 2^63-1."),
                !is_read,
                "{message}"
            );
        }
    }
}
