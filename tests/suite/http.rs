//! GraphQL over HTTP: methods, media types, statuses, keys.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use registry::{api_client, model::Scope};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::harness::TestApp;

const PATH: &str = "/public/graphql";
const GRAPHQL: &str = "application/graphql-response+json";

fn post(accept: Option<&str>, body: &str) -> Request<Body> {
    let mut request = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
    if let Some(accept) = accept {
        request = request.header(header::ACCEPT, accept);
    }
    request.body(Body::from(body.to_owned())).expect("a request")
}

#[tokio::test]
async fn the_media_type_follows_accept() {
    let app = TestApp::start().await;
    let ask = r#"{"query":"{ __typename }"}"#;
    for (accept, expected) in [
        (None, "application/json; charset=utf-8"),
        (Some("*/*"), "application/json; charset=utf-8"),
        (Some("application/json"), "application/json; charset=utf-8"),
        (Some(GRAPHQL), "application/graphql-response+json; charset=utf-8"),
        (
            Some("application/json;q=0.5, application/graphql-response+json"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (Some("text/html, application/xhtml+xml, */*;q=0.8"), "application/json; charset=utf-8"),
        (
            Some("application/graphql-response+json;q=0.5, application/json"),
            "application/json; charset=utf-8",
        ),
        (
            Some("application/graphql-response+json;q=0.9, application/json;q=0.8"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (Some("application/json, text/plain, */*"), "application/json; charset=utf-8"),
        (Some("application/json;q=0, */*;q=0.1"), "application/graphql-response+json; charset=utf-8"),
    ] {
        let answer = app.send(post(accept, ask)).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, expected), "{accept:?}");
        assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));
    }
    for accept in ["text/html", "application/*;q=0, */*", "*/*;q=0.0", "application/json;q=0"] {
        let refused = app.send(post(Some(accept), ask)).await;
        assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE, "{accept}");
    }
}

#[tokio::test]
async fn requests_that_cannot_run_get_their_status() {
    let app = TestApp::start().await;
    let cases = [
        ("{", 400, 400, "BAD_REQUEST"),
        ("{}", 400, 400, "BAD_REQUEST"),
        (r#"{"query":7}"#, 400, 400, "BAD_REQUEST"),
        (r#"{"query":"{ __typename }","variables":[]}"#, 400, 400, "BAD_REQUEST"),
        (r#"{"query":"{ __typename }","operationName":7}"#, 400, 400, "BAD_REQUEST"),
        (r#"[{"query":"{ __typename }"}]"#, 400, 400, "BATCH_LIMIT"),
        (r#"{"query":"{ secret( "}"#, 400, 200, "GRAPHQL_PARSE_FAILED"),
        (r#"{"query":"{ nothing }"}"#, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
        (r#"{"query":"query($n: Int!) { pages(first: $n) { totalCount } }"}"#, 400, 200, "BAD_USER_INPUT"),
        (r#"{"query":"mutation { pageRegister }"}"#, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (body, status, old_status, code) in cases {
        let answer = app.send(post(Some(GRAPHQL), body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{body}: {:#}",
            answer.json()
        );
        assert!(answer.json().get("data").is_none_or(|data| data.is_null()));
        let old = app.send(post(Some("application/json"), body)).await;
        assert_eq!((old.status.as_u16(), old.code().as_str()), (old_status, code), "{body}");
    }
    let parse = app.send(post(None, r#"{"query":"{ secret( "}"#)).await.json();
    assert!(!parse.to_string().contains("secret"), "the source is not echoed: {parse}");
}

#[tokio::test]
async fn get_reads_and_never_writes() {
    let app = TestApp::start().await;
    let read = app.get("/public/graphql?query=query(%24n:Int!)%7Bpages(first:%24n)%7BtotalCount%7D%7D&variables=%7B%22n%22:5%7D", &[]).await;
    assert_eq!(read.json()["data"], json!({ "pages": { "totalCount": 0 } }));
    let write = app.get("/public/graphql?query=mutation%7Bx%7D", &[]).await;
    assert_eq!((write.status, write.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    let bad = app.get("/public/graphql?query=%7B__typename%7D&variables=7", &[]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let none = app.get("/public/graphql", &[]).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    let put = Request::builder().method(Method::PUT).uri(PATH).body(Body::empty()).expect("a request");
    let put = app.send(put).await;
    assert_eq!((put.status, put.code()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED".into()));
    assert!(put.header("allow").contains("POST"));
}

#[tokio::test]
async fn bodies_must_be_json_and_not_too_long() {
    let app = TestApp::start().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ] {
        let request = Request::post(PATH).header(header::CONTENT_TYPE, kind);
        let answer =
            app.send(request.body(Body::from(r#"{"query":"{ __typename }"}"#)).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let answer = app.send(post(None, &" ".repeat(300 << 10))).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn encoded_bodies_are_rejected_as_such() {
    let app = TestApp::start().await;
    for (encoding, status) in [
        ("gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("br, identity", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("Identity", StatusCode::OK),
    ] {
        let mut request = post(None, r#"{"query":"{ __typename }"}"#);
        request.headers_mut().insert(header::CONTENT_ENCODING, encoding.parse().expect("a value"));
        let answer = app.send(request).await;
        assert_eq!(answer.status, status, "{encoding}");
    }
}

#[tokio::test]
async fn graphql_needs_a_key_that_is_not_revoked() {
    let app = TestApp::start().await;
    let ask = json!({ "query": "{ __typename }" });
    for key in [None, Some(""), Some("reg_wrong")] {
        let answer = app.post("/graphql", key, &ask).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            "{key:?}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let key = app.key("dashboard", Scope::Read).await;
    assert_eq!(app.post("/graphql", Some(&key), &ask).await.status, StatusCode::OK);
    api_client::revoke(&app.registry, "dashboard").await.expect("the key is revoked");
    assert_eq!(app.post("/graphql", Some(&key), &ask).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn answers_say_how_new_they_are_and_wait_when_asked() {
    let app = TestApp::start().await;
    app.organization("o", "City").await;
    let seq = app.registry.snapshot().seq();
    let answer =
        app.get("/public/graphql?query=%7B__typename%7D", &[("registry-min-seq", &seq.to_string())]).await;
    assert_eq!((answer.status, answer.header("registry-seq")), (StatusCode::OK, seq.to_string().as_str()));
    let later = app
        .get("/public/graphql?query=%7B__typename%7D", &[("registry-min-seq", &(seq + 1).to_string())])
        .await;
    assert_eq!((later.status, later.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "SEQ_NOT_REACHED"));
    let wrong = app.get("/public/graphql?query=%7B__typename%7D", &[("registry-min-seq", "soon")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let key = app.key("night", Scope::Statistics).await;
    let next = (app.registry.snapshot().seq() + 1).to_string();
    let file = app.get("/export/pages.csv", &[("registry-min-seq", &next)]).await;
    assert_eq!(file.code(), "SEQ_NOT_REACHED");
    let upload = Request::post("/statistics")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "text/csv")
        .header("registry-min-seq", &next);
    let upload = app.send(upload.body(Body::from("pageId,day,views\n")).expect("a request")).await;
    assert_eq!(upload.code(), "SEQ_NOT_REACHED");
}

#[tokio::test]
async fn every_kind_of_response_has_its_sequence_number() {
    let app = TestApp::start().await;
    app.organization("o", "City").await;
    let key = app.key("dashboard", Scope::Read).await;
    let seq = app.registry.snapshot().seq().to_string();
    for query in [
        "{ __typename }",
        "{ pages(first: 1) { totalCount } }",
        "{ node(id: \"none\") { id } }",
        "{ nothing }",
    ] {
        let ask = json!({ "query": query });
        // The second response is cached.
        for _ in 0..2 {
            for (path, key) in [("/public/graphql", None), ("/graphql", Some(key.as_str()))] {
                let answer = app.post(path, key, &ask).await;
                assert_eq!(answer.header("registry-seq"), seq, "{path} {query}");
            }
        }
    }
}

#[tokio::test]
async fn an_empty_operation_name_is_none() {
    let app = TestApp::start().await;
    let one = app.post(PATH, None, &json!({ "query": "{ __typename }", "operationName": "" })).await;
    assert_eq!(one.status, StatusCode::OK);
    let other = app.post(PATH, None, &json!({ "query": "{ __typename }", "operationName": "A" })).await;
    assert_eq!(other.code(), "OPERATION_RESOLUTION_FAILURE");
    let two = "query A { __typename } query B { __typename }";
    let unnamed = app.post(PATH, None, &json!({ "query": two, "operationName": "" })).await;
    assert_eq!(unnamed.code(), "OPERATION_RESOLUTION_FAILURE");
}

#[tokio::test]
async fn the_start_page_and_the_health_checks_answer() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod_tula").await;
    app.search_is_ready().await;
    let start = app.get("/", &[]).await;
    let html = String::from_utf8(start.body).expect("UTF-8");
    assert!(html.contains("/public/graphql?query="), "{html}");
    assert!(!html.contains("Synthetic data"));
    for endpoint in
        ["POST /statistics", "subscriptions", "/export/statistics.csv", "/.well-known/registry-key"]
    {
        assert!(html.contains(endpoint), "{endpoint}: {html}");
    }
    assert!(!html.contains("minzdrav"), "the examples are of this registry");
    for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
        let answer = app.get(&href.replace("&amp;", "&"), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{href}");
        if !answer.header("content-type").contains("json") {
            continue;
        }
        assert!(answer.json().get("errors").is_none(), "{href}: {:#}", answer.json());
    }
    assert_eq!(app.get("/livez", &[]).await.status, StatusCode::OK);
    assert_eq!(app.get("/readyz", &[]).await.json()["pages"], 1);
    assert_eq!(app.get("/nowhere", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_internal_error_shows_a_trace_id_alone() {
    let app = TestApp::start().await;
    let database = app.registry.database().clone();
    database
        .read
        .execute_unprepared("ALTER TABLE change RENAME TO gone")
        .await
        .expect("the table is renamed");
    let changes = json!({ "query": "{ changes(first: 1) { nodes { seq } } }" });
    let answer = app.post("/public/graphql", None, &changes).await;
    let error = answer.json()["errors"][0].clone();
    assert_eq!(
        (error["message"].as_str(), answer.code().as_str()),
        (Some("Internal server error; report it with its `traceId`."), "INTERNAL")
    );
    assert_eq!(error["extensions"]["traceId"].as_str().map(str::len), Some(16));
    let another = app.post("/public/graphql", None, &changes).await.json();
    assert_ne!(another["errors"][0]["extensions"]["traceId"], error["extensions"]["traceId"]);
    // Nothing of it was cached.
    database.read.execute_unprepared("ALTER TABLE gone RENAME TO change").await.expect("it is back");
    assert_eq!(app.post("/public/graphql", None, &changes).await.code(), "");
}

#[tokio::test]
async fn a_browser_at_the_endpoint_is_led_to_the_start_page_and_a_program_is_not() {
    let app = TestApp::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for path in ["/public/graphql", "/public/graphql?"] {
        let led = app.get(path, &[("accept", browser)]).await;
        assert_eq!((led.status, led.header("location")), (StatusCode::SEE_OTHER, "/"), "{path}");
        assert_eq!((led.header("vary"), led.header("cache-control")), ("Accept", "no-store"));
        for accepted in [
            "*/*",
            "application/json",
            "text/html, application/graphql-response+json",
            "text/html;q=0.1, */*",
            "text/html;q=0, */*",
        ] {
            let answer = app.get(path, &[("accept", accepted)]).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
        }
    }
    // The queries of the start page are answered as data.
    let asked = app.get("/public/graphql?query=%7B__typename%7D", &[("accept", browser)]).await;
    assert_eq!(asked.json()["data"], json!({ "__typename": "Query" }));
    let start = app.get("/", &[("accept", browser)]).await;
    assert!(start.header("content-type").starts_with("text/html"));
}
