//! The coprocessor of routers: requests are checked before a router plans them.

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    harness::{GATEWAY_SECRET, TestApp, program},
    limits::repeated,
};

/// A call as Hive Router sends it.
fn call(method: &str, headers: Value, body: &str) -> Value {
    let mut all = json!({
        "host": ["gateway.example"],
        "accept": ["*/*"],
        "content-type": ["application/json"],
        "x-forwarded-for": ["192.0.2.1"],
    });
    for (name, values) in headers.as_object().expect("headers") {
        all[name] = values.clone();
    }
    json!({
        "version": 1,
        "stage": "router.request",
        "id": "e1c7f0f0-6f3c-4d0c-9a53-0d1f6a6f4c2e",
        "method": method,
        "path": "/graphql",
        "headers": all,
        "body": body,
    })
}

/// The decision about a request.
pub async fn decided(app: &TestApp, method: &str, headers: Value, body: &str) -> Value {
    let answer = app.post("/coprocessor", Some(GATEWAY_SECRET), &call(method, headers, body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// The decision about a document.
pub async fn planned(app: &TestApp, headers: Value, document: &str) -> Value {
    decided(app, "POST", headers, &json!({ "query": document }).to_string()).await
}

pub fn go_on() -> Value {
    json!({ "version": 1, "control": "continue" })
}

/// Status and code of a response that the router sends instead.
pub fn refused(decision: &Value) -> (u64, String) {
    assert_eq!(decision["version"], 1);
    let status = decision["control"]["break"].as_u64().unwrap_or_else(|| panic!("a break: {decision:#}"));
    let body: Value = serde_json::from_str(decision["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!(body.get("data"), None, "{body}");
    let code = body["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned();
    let media_type = decision["headers"]["content-type"].as_str().expect("a media type");
    assert!(media_type.contains("json"), "{media_type}");
    (status, code)
}

pub fn refusal(status: u64, code: &str) -> (u64, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn documents_of_the_supergraph_go_on_whatever_fields_they_have() {
    let app = TestApp::start().await;
    for document in [
        "{ __typename }",
        "{ page(url: \"vk.com/club1\") { title audits { inspector { name } } } partners(first: 5) { nodes { id } } }",
        "mutation M($input: PartnerInput!) { partnerWrite(input: $input) { id } }",
        "query A { a } query B { b }",
    ] {
        assert_eq!(planned(&app, json!({}), document).await, go_on(), "{document}");
    }
}

/// `count` fragments in each of `levels` levels, of which each spreads all of the next level.
fn nest(levels: usize, count: usize) -> String {
    let spread = |level: usize| repeated(count, |number| format!("...F{level}x{number}"));
    let below = |level: usize| if level + 1 < levels { spread(level + 1) } else { "field".into() };
    let of_level = |level: usize| {
        repeated(count, |number| format!("fragment F{level}x{number} on T{number} {{ {} }}", below(level)))
    };
    format!("{{ partner {{ {} }} }} {}", spread(0), repeated(levels, of_level))
}

#[tokio::test]
async fn what_would_be_costly_to_plan_is_refused_with_the_codes_of_the_other_endpoints() {
    let app = TestApp::start().await;
    let deep = |depth: usize| format!("{}a{}", "{ a ".repeat(depth - 1) + "{ ", " }".repeat(depth));
    let field = |count: usize| repeated(count, |number| format!("f{number}"));
    for (document, code) in [
        (nest(4, 15), "FRAGMENTS_LIMIT"),
        (nest(4, 12), "SELECTIONS_LIMIT"),
        (nest(2, 25), ""),
        (deep(13), "DEPTH_LIMIT"),
        (deep(12), ""),
        ("{ ".repeat(65), "DEPTH_LIMIT"),
        (format!("{{ a {{ {} }} }}", repeated(31, |number| format!("a{number}: b"))), "TOO_MANY_ALIASES"),
        (format!("{{ a {} }}", "@skip(if: true) ".repeat(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ {} }}", field(21)), "ROOT_FIELDS_LIMIT"),
        (format!("{{ a {{ {} }} }}", field(2_000)), "TOKEN_LIMIT"),
        (format!("{{ a(b: [{}]) }}", "1 ".repeat(251)), "VARIABLES_LIMIT"),
        ("{ ...F } fragment F on Query { ...F }".into(), "FRAGMENT_CYCLE"),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".into(),
            "INTROSPECTION_LIMIT",
        ),
        ("{ a".into(), "GRAPHQL_PARSE_FAILED"),
        (String::new(), "GRAPHQL_PARSE_FAILED"),
    ] {
        let shown: String = document.chars().take(60).collect();
        // Whether or not it was sent before.
        for _ in 0..2 {
            let decision = planned(&app, json!({}), &document).await;
            match code {
                "" => assert_eq!(decision, go_on(), "{shown}"),
                code => assert_eq!(refused(&decision), refusal(400, code), "{shown}"),
            }
        }
    }
    // Older clients get errors of a document with status 200, as elsewhere.
    let decision = planned(&app, json!({ "accept": ["application/json"] }), "{ a").await;
    assert_eq!(refused(&decision), refusal(200, "GRAPHQL_PARSE_FAILED"));
}

#[tokio::test]
async fn bodies_that_are_no_single_request_are_refused() {
    let app = TestApp::start().await;
    for (body, code) in [
        ("[{\"query\":\"{ a }\"}]", "BATCH_LIMIT"),
        (" \n[]", "BATCH_LIMIT"),
        ("", "BAD_REQUEST"),
        ("null", "BAD_REQUEST"),
        ("\"{ a }\"", "BAD_REQUEST"),
        ("{\"query\":1}", "BAD_REQUEST"),
        ("{\"query\":\"{ a }\",\"query\":\"{ b }\"}", "BAD_REQUEST"),
        ("{\"query\":\"{ a }\",\"\\u0071uery\":\"{ b }\"}", "BAD_REQUEST"),
        ("{\"query\":\"{ a }\"} {}", "BAD_REQUEST"),
        ("{\"query\":\"{ a }\"", "BAD_REQUEST"),
    ] {
        assert_eq!(refused(&decided(&app, "POST", json!({}), body).await), refusal(400, code), "{body}");
    }
    let long =
        |length: usize| json!({ "query": "{ a }", "variables": { "v": "x".repeat(length) } }).to_string();
    assert_eq!(decided(&app, "POST", json!({}), &long(200_000)).await, go_on());
    let decision = decided(&app, "POST", json!({}), &long(262_144)).await;
    assert_eq!(refused(&decision), refusal(413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn ids_of_documents_are_left_to_the_router_and_texts_beside_them_are_checked() {
    let app = TestApp::start().await;
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "ab".repeat(32) } });
    for body in [
        json!({ "documentId": "sha256:1" }),
        json!({ "extensions": hash }),
        json!({ "query": null }),
        json!({}),
    ] {
        assert_eq!(decided(&app, "POST", json!({}), &body.to_string()).await, go_on(), "{body}");
    }
    for body in [
        json!({ "query": nest(4, 12), "extensions": hash }),
        json!({ "documentId": "sha256:1", "query": nest(4, 12) }),
    ] {
        let decision = decided(&app, "POST", json!({}), &body.to_string()).await;
        assert_eq!(refused(&decision), refusal(400, "SELECTIONS_LIMIT"));
    }
}

#[tokio::test]
async fn only_post_can_be_checked() {
    let app = TestApp::start().await;
    assert_eq!(decided(&app, "OPTIONS", json!({}), "").await, go_on(), "a preflight");
    let upgrade = json!({ "connection": ["Upgrade"], "upgrade": ["websocket"] });
    for (method, headers) in [
        ("GET", json!({})),
        ("GET", upgrade),
        ("HEAD", json!({})),
        ("PUT", json!({ "origin": ["https://site.example"] })),
        ("QUERY", json!({})),
    ] {
        let decision = decided(&app, method, headers, "").await;
        assert_eq!(refused(&decision), refusal(405, "METHOD_NOT_ALLOWED"), "{method}");
        assert_eq!(decision["headers"]["allow"], "POST");
        // A web page can read why.
        let is_open = decision["headers"]["access-control-allow-origin"] == "*";
        assert_eq!(is_open, method == "PUT", "{method}");
    }
}

/// The secret for the address, as the program prints it.
fn printed_secret() -> String {
    let directory = TempDir::new().expect("a directory");
    let mut command = program::command("sqlite://none.sqlite", directory.path());
    let command = command.env("GATEWAY_SECRET", GATEWAY_SECRET).args(["gateway", "coprocessor-secret"]);
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", program::error(&output));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[tokio::test]
async fn only_routers_ask_and_a_call_that_is_not_understood_is_no_decision() {
    let app = TestApp::start().await;
    let valid = call("POST", json!({}), r#"{"query":"{ a }"}"#);
    let derived = printed_secret();
    let (in_address, half) =
        (format!("/coprocessor?secret={derived}"), format!("/coprocessor?secret={}", &derived[32..]));
    for (path, bearer, is_router) in [
        ("/coprocessor", Some(GATEWAY_SECRET), true),
        (&*in_address, None, true),
        (&*half, None, false),
        ("/coprocessor", Some(&*derived), false),
        ("/coprocessor?secret=a%20secret%20of%20the%20gateway", None, false),
        ("/coprocessor", None, false),
        ("/coprocessor", Some("guess"), false),
        ("/coprocessor?secret=", None, false),
        ("/coprocessor?secret=guess", None, false),
        ("/coprocessor?key=a%20secret%20of%20the%20gateway", None, false),
    ] {
        let answer = app.post(path, bearer, &valid).await;
        let expected = if is_router { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{path} {bearer:?}");
        assert_eq!(answer.json().get("control").is_some(), is_router);
    }
    // What stands in an address opens nothing else.
    let ask = json!({ "query": "{ __typename }" });
    let in_address = format!("/subgraph?secret={derived}");
    for (path, bearer) in
        [("/subgraph", Some(&*derived)), (&*in_address, None), ("/graphql", Some(&*derived))]
    {
        assert_eq!(app.post(path, bearer, &ask).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let with = |name: &str, value: Value| {
        let mut call = valid.clone();
        call[name] = value;
        call
    };
    for wrong in [
        with("version", json!(2)),
        with("stage", json!("graphql.request")),
        with("body", Value::Null),
        with("headers", Value::Null),
        with("method", json!("NO METHOD")),
        json!([valid]),
        json!({}),
    ] {
        let answer = app.post("/coprocessor", Some(GATEWAY_SECRET), &wrong).await;
        assert_eq!((answer.status, &*answer.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{wrong}");
    }
    let large = with("body", json!("x".repeat(3 << 20)));
    let answer = app.post("/coprocessor", Some(GATEWAY_SECRET), &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let get = axum::http::Request::get("/coprocessor").body(Body::empty()).expect("a request");
    assert_eq!(app.send(get).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
